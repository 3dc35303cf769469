//! Generates the types of `proto/` and the descriptor set with its comments.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Messages of which nothing but the name is shown.
const HIDDEN: [&str; 11] = [
    ".lienthong.personal.v1.PersonalDetails",
    ".lienthong.personal.v1.Applicant",
    ".lienthong.personal.v1.Party",
    ".lienthong.personal.v1.Plot",
    ".lienthong.personal.v1.Building",
    ".lienthong.personal.v1.Transfer",
    ".lienthong.personal.v1.Particular",
    ".lienthong.personal_reading.v1.FindDossiersRequest",
    ".lienthong.personal_reading.v1.PersonalEvent",
    ".lienthong.personal_reading.v1.PlotNumber",
    ".lienthong.personal_reading.v1.ReadPersonalResponse",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    find(&root, &mut files)?;
    files.sort();

    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_source_info(true).include_imports(true).open_files(files)?;
    let descriptors = compiler.file_descriptor_set();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure()
        .bytes(".lienthong.log")
        .bytes(".lienthong.auditor")
        // By far the largest of its kind.
        .boxed(".lienthong.log.v1.Event.kind.history_imported")
        // What is about persons is shown by no `Debug`: see `pb::hidden`.
        .skip_debug(HIDDEN)
        .compile_fds(descriptors)?;
    Ok(())
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
