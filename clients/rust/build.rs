//! Makes a client of each document.

use progenitor::Generator;
use serde_json::Value;
use std::{env, fs, path::Path};

fn main() {
    let out = env::var("OUT_DIR").expect("cargo says where");
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/3.0");
    println!("cargo::rerun-if-changed={}", documents.display());
    for document in fs::read_dir(documents).expect("the documents are committed") {
        let path = document.expect("a file").path();
        let text = fs::read_to_string(&path).expect("a document is text");
        let mut json: Value = serde_json::from_str(&text).expect("a document is JSON");
        simplify(&mut json);
        let document = serde_json::from_value(json).expect("a document is OpenAPI 3.0");
        let tokens = Generator::default().generate_tokens(&document).expect("a client");
        let name = path.file_stem().expect("a name").to_string_lossy().replace('.', "_");
        fs::write(format!("{out}/{name}.rs"), tokens.to_string()).expect("a file to write to");
    }
}

/// The generator knows no bodies of several parts, and one type of a body.
fn simplify(json: &mut Value) {
    let paths = json["paths"].as_object_mut().expect("a document has paths");
    for operations in paths.values_mut().filter_map(Value::as_object_mut) {
        operations.retain(|_, operation| operation.pointer("/requestBody/content/multipart~1form-data").is_none());
        for operation in operations.values_mut() {
            let kinds = operation
                .pointer_mut("/requestBody/content")
                .and_then(Value::as_object_mut);
            if let Some(kinds) = kinds {
                kinds.retain(|kind, _| kind == "application/json");
            }
        }
    }
    paths.retain(|_, operations| operations.as_object().is_some_and(|operations| !operations.is_empty()));
}
