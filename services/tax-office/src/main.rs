//! The process `tax-office`.

fn main() -> std::process::ExitCode {
    lienthong_node::process::main(&tax_office::SERVICE)
}
