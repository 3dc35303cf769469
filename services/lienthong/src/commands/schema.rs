//! `schema`: the descriptors of every proto file.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use lienthong_wire::DESCRIPTOR_SET;

use crate::Output;
use crate::exit::Failure;

/// A `google.protobuf.FileDescriptorSet` with every file that it needs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    lienthong schema --out lienthong.binpb\n  \
    kcat -b localhost:9092 -t lienthong.dossiers -C -c 1 -f %s |\n    \
    protoc --decode lienthong.log.v1.Entry --descriptor_set_in=lienthong.binpb lienthong/log/v1/log.proto")]
pub(crate) struct Schema {
    /// Where to write it [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Schema {
    pub(crate) fn run(self, output: &mut Output<'_>) -> Result<(), Failure> {
        match self.out {
            Some(path) => {
                std::fs::write(&path, DESCRIPTOR_SET).map_err(|error| Failure::unwritable(&path, &error))?;
                output.note(&format!("wrote {} bytes to {}", DESCRIPTOR_SET.len(), path.display()));
                Ok(())
            }
            None => {
                std::io::stdout().lock().write_all(DESCRIPTOR_SET).map_err(|error| Failure::unwritten(&error))
            }
        }
    }
}
