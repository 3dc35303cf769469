//! The process `land-registry`.

fn main() -> std::process::ExitCode {
    lienthong_node::process::main(&land_registry::SERVICE)
}
