//! Names of headers: any case is understood, and the documents write them as their standards do.

use super::{operations, resolve};
use crate::support::{Person, TestApp};
use serde_json::json;
use std::collections::BTreeSet;
use tenantry::groups;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const USERS: &str = "/apis/console/v1alpha1/users";

/// The answer to a request whose headers are sent as they are written here.
async fn send(person: &Person<'_>, line: &str, headers: &[(&str, &str)], body: &str) -> String {
    let host = person.tenant.base.strip_prefix("http://").unwrap();
    let token = person.tokens["accessToken"].as_str().unwrap();
    let first = format!("HOST: {host}\r\nAuTHoRiZaTiON: bEARER {token}\r\nCONNECTION: close\r\n");
    let others: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = format!("CONTENT-LENGTH: {}", body.len());
    let text = format!("{line} HTTP/1.1\r\n{first}{}{length}\r\n\r\n{body}", others.concat());
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = vec![];
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn the_names_of_headers_are_understood_in_any_case() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let new = json!({ "name": "ada", "email": "ada@example.com" }).to_string();
    let change = json!({ "spec": { "bio": "otters" } }).to_string();
    let (ada, kind) = (format!("{USERS}/ada"), ("CONTENT-TYPE", "application/json"));
    let create = format!("POST {USERS}");
    for (line, header, body, status) in [
        (create.as_str(), ("IDEMPOTENCY-KEY", "k-1"), &new, 200),
        (&create, ("iDEMPOTENCY-kEY", "k-1"), &new, 200),
        (&create, ("X-OTHER", "x"), &new, 409),
        (&format!("PATCH {ada}"), ("IF-MATCH", "\"999\""), &change, 412),
        (
            &format!("PATCH {ada}"),
            ("if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT"),
            &change,
            412,
        ),
        (&format!("GET {ada}"), ("iF-nONE-mATCH", "*"), &String::new(), 304),
    ] {
        let answer = send(&owner, line, &[kind, header], body).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{line} {header:?}: {answer}"
        );
    }
    let chinese = send(&owner, "GET /v1/nobody", &[], "").await;
    assert!(chinese.starts_with("HTTP/1.1 404 "), "{chinese}");
    let chinese = send(&owner, &format!("GET {USERS}/nobody"), &[("ACCEPT-LANGUAGE", "zh")], "").await;
    assert!(chinese.contains("content-language: zh"), "{chinese}");
}

#[test]
fn the_documents_write_the_names_of_headers_as_their_standards_do() {
    let mut names = BTreeSet::new();
    let documents = groups::documents();
    for operation in operations() {
        let document = documents
            .iter()
            .find(|document| document.name == operation.document)
            .unwrap();
        for answer in operation.json["responses"].as_object().unwrap().values() {
            let answer = resolve(&document.json, answer);
            names.extend(
                answer["headers"]
                    .as_object()
                    .into_iter()
                    .flat_map(|all| all.keys().cloned()),
            );
        }
    }
    for known in [
        "ETag",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "WWW-Authenticate",
    ] {
        let written: Vec<_> = names.iter().filter(|name| name.eq_ignore_ascii_case(known)).collect();
        assert_eq!(written, [known]);
    }
}
