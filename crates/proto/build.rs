//! Makes Rust of the files in `proto/`, by compilers that are crates: no machine needs `protoc`.

use std::{env, error::Error, fs, path::Path};

/// Those that no other file imports.
const FILES: &[&str] = &[
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
    "grpc/health/v1/health.proto",
    "grpc/reflection/v1/reflection.proto",
    "grpc/reflection/v1alpha/reflection.proto",
    "zitadel/auth/v1/auth.proto",
    "zitadel/v1/message.proto",
];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo talks to build scripts through the environment"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=build.rs");
    let descriptors = protox::compile(FILES, [folder])?;
    let out = env::var("OUT_DIR")?;
    fs::write(
        Path::new(&out).join("descriptors.bin"),
        prost::Message::encode_to_vec(&descriptors),
    )?;
    prost_build::Config::new()
        .enable_type_names()
        .type_name_domain(["."], "type.googleapis.com")
        .include_file("packages.rs")
        .compile_fds(descriptors)?;
    Ok(())
}
