//! Answers in the coding that a client asks for.

use crate::support::{
    Person, TestApp, client,
    roles::{allow, make_role, only},
};
use flate2::read::GzDecoder;
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use std::io::Read;

const USERS: &str = "/apis/console/v1alpha1/users";

/// The answer to a request: its headers, and its bytes as they came.
async fn raw(request: RequestBuilder) -> (HeaderMap, Vec<u8>) {
    let answer = client().execute(request.build().unwrap()).await.unwrap();
    let headers = answer.headers().clone();
    (headers, answer.bytes().await.unwrap().to_vec())
}

async fn coded(person: &Person<'_>, path: &str, accepted: &str) -> (HeaderMap, Vec<u8>) {
    raw(person.request(Method::GET, path).header("accept-encoding", accepted)).await
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// The text of an answer in its coding.
fn plain(headers: &HeaderMap, bytes: &[u8]) -> String {
    let mut text = String::new();
    match header(headers, "content-encoding") {
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_string(&mut text),
        "gzip" => GzDecoder::new(bytes).read_to_string(&mut text),
        _ => (&mut &bytes[..]).read_to_string(&mut text),
    }
    .unwrap();
    text
}

async fn make_users(owner: &Person<'_>, count: usize) {
    for number in 0..count {
        let new = json!({ "name": format!("user-{number}"), "email": format!("user-{number}@example.com") });
        owner.post(USERS, &new).await.expect(200);
    }
}

#[tokio::test]
async fn a_long_answer_comes_in_the_coding_that_is_wanted_most() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_users(&owner, 60).await;
    let list = format!("{USERS}?size=60");
    let (headers, whole) = raw(owner.request(Method::GET, &list)).await;
    assert_eq!(
        (header(&headers, "content-encoding"), header(&headers, "vary")),
        ("", ""),
        "nobody asked"
    );
    assert!(whole.len() > 32 << 10, "{}", whole.len());
    for (accepted, coding) in [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("identity, br;q=0.5", ""),
        ("br;q=0, gzip;q=0", ""),
        ("zstd", ""),
        ("", ""),
    ] {
        for path in [list.as_str(), USERS] {
            let (headers, bytes) = coded(&owner, path, accepted).await;
            assert_eq!(header(&headers, "content-encoding"), coding, "{accepted}");
            assert_eq!(header(&headers, "vary"), "Accept-Encoding", "{accepted}");
            assert_eq!(header(&headers, "content-type"), "application/json; charset=utf-8");
            let text = plain(&headers, &bytes);
            if path == list {
                assert!(text.as_bytes() == whole, "{accepted}: compressed and plain differ");
                assert!(
                    coding.is_empty() || bytes.len() * 5 < whole.len(),
                    "{accepted}: {}",
                    bytes.len()
                );
            }
            serde_json::from_str::<Value>(&text).unwrap();
        }
    }
}

#[tokio::test]
async fn a_short_answer_a_head_and_a_picture_come_as_they_are() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for path in ["/api/auth/check", "/api/status", "/v1/nobody", "/healthz"] {
        let (headers, bytes) = coded(&owner, path, "br, gzip").await;
        assert!(bytes.len() < 1024, "{path}: {}", bytes.len());
        assert_eq!(header(&headers, "content-encoding"), "", "{path}");
    }
    make_users(&owner, 20).await;
    let request = owner.request(Method::HEAD, USERS).header("accept-encoding", "br");
    let (headers, bytes) = raw(request).await;
    assert_eq!((header(&headers, "content-encoding"), bytes.len()), ("", 0));
}

#[tokio::test]
async fn the_tag_of_a_compressed_object_is_weak_and_still_good_for_conditions() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let rules: Vec<_> = (0..12)
        .map(|number| only(allow("users", "get"), &format!("user-{number}")))
        .collect();
    make_role(&owner, "clerk", "", &rules).await;
    let path = "/apis/console/v1alpha1/roles/clerk";
    let strong = owner.get(path).await.header("etag").to_owned();
    let (headers, bytes) = coded(&owner, path, "gzip").await;
    let weak = format!("W/{strong}");
    assert_eq!(
        (header(&headers, "content-encoding"), header(&headers, "etag")),
        ("gzip", weak.as_str())
    );
    assert_eq!(plain(&headers, &bytes), owner.get(path).await.text);
    let request = owner.request(Method::GET, path).header("if-none-match", &weak);
    let unchanged = owner.send(request.header("accept-encoding", "gzip")).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.text.as_str()), (304, ""));
    let delete = |tag: &str| owner.request(Method::DELETE, path).header("if-match", tag);
    owner
        .send(delete("W/\"999\""))
        .await
        .expect_problem(412, "precondition_failed");
    owner.send(delete(&weak)).await.expect(204);
}

#[tokio::test]
async fn an_answer_that_is_given_again_comes_in_the_coding_of_each_request() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let new = json!({ "name": "ada", "email": "ada@example.com", "bio": "otters ".repeat(200) });
    let request = |accepted: &str| {
        let request = owner.request(Method::POST, USERS).json(&new);
        request
            .header("idempotency-key", "k-1")
            .header("accept-encoding", accepted)
    };
    let (first, bytes) = raw(request("gzip")).await;
    let made = plain(&first, &bytes);
    let (again, bytes) = raw(request("br")).await;
    assert_eq!(
        (header(&first, "content-encoding"), header(&again, "content-encoding")),
        ("gzip", "br")
    );
    assert_eq!(plain(&again, &bytes), made);
}
