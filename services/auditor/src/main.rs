//! The process `auditor`.

fn main() -> std::process::ExitCode {
    lienthong_node::process::main(&auditor::SERVICE)
}
