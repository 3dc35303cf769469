//! The process `ward-desk`.

fn main() -> std::process::ExitCode {
    lienthong_node::process::main(&ward_desk::SERVICE)
}
