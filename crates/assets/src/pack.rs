//! What a build script calls: packs files, and writes the table of them.

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{Result, Write},
    path::Path,
};

/// Packs these files, by their paths, into the folder `name` of `OUT_DIR`, and writes their table beside it, an
/// expression in `<name>.rs`.
///
/// # Errors
/// Those of writing there.
pub fn write(out_dir: &Path, name: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let folder = out_dir.join(name);
    fs::create_dir_all(&folder)?;
    let mut rows = String::new();
    for (at, (path, bytes)) in files.iter().enumerate() {
        let include = |coding: &str, bytes: &[u8]| {
            let file = folder.join(format!("{at}.{coding}"));
            fs::write(&file, bytes)?;
            Ok::<_, std::io::Error>(format!("include_bytes!({:?})", file.display().to_string()))
        };
        let (brotli, gzip) = (brotli(bytes)?, gzip(bytes)?);
        // What only one of them makes smaller stays as it is: it is small.
        let (content, tag) = if brotli.len().max(gzip.len()) < bytes.len() {
            let packed = [include("br", &brotli)?, include("gz", &gzip)?];
            let content = format!("Content::Packed {{ brotli: {}, gzip: {} }}", packed[0], packed[1]);
            (content, digest(&[brotli, gzip].concat()))
        } else {
            (format!("Content::Plain({})", include("plain", bytes)?), digest(bytes))
        };
        let row = format!(
            "path: {path:?}, content_type: {:?}, etag: \"\\\"{tag:032x}\\\"\"",
            content_type(path)
        );
        writeln!(rows, "        Asset {{ {row}, content: {content} }},").map_err(std::io::Error::other)?;
    }
    let table = format!("{{\n    use tenantry_assets::{{Asset, Assets, Content}};\n    Assets(&[\n{rows}    ])\n}}\n");
    fs::write(out_dir.join(format!("{name}.rs")), table)
}

fn brotli(mut bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = vec![];
    let best = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    brotli::BrotliCompress(&mut bytes, &mut packed, &best)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = GzEncoder::new(vec![], Compression::best());
    packed.write_all(bytes)?;
    packed.finish()
}

fn content_type(path: &str) -> &'static str {
    match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// FNV-1a with 128 bits. A tag tells two builds of our own files apart; nobody gains from a collision, so it needs no
/// cryptographic hash, and no dependency.
fn digest(bytes: &[u8]) -> u128 {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes
        .iter()
        .fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, byte| {
            (hash ^ u128::from(*byte)).wrapping_mul(PRIME)
        })
}
