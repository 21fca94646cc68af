//! Files that mean no good, or came to harm on their way.

use super::{IMPORTS, counts, import, rejections, send, wrong};
use crate::support::{TestApp, roles::USERS};
use reqwest::Method;

#[tokio::test]
async fn a_row_that_is_too_long_is_rejected_wherever_it_is() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let columns = "x,".repeat(1_000_000);
    let file = format!("name,email\nada,ada@example.test\n{columns}\nzoe,zoe@example.test\n");
    let done = import(&owner, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&done), [2, 0, 1], "{done}");
    assert_eq!(rejections(&owner, &done).await, [wrong(3, "", "length")]);

    let long = format!(
        "{{\"name\":\"long\",\"email\":\"long@example.test\",\"bio\":\"{}\"}}",
        "x".repeat(3 << 20)
    );
    let lines = format!("{long}\n{{\"name\":\"bob\",\"email\":\"bob@example.test\"}}\n");
    let done = import(&owner, &[], ("a.jsonl", lines.as_bytes())).await;
    assert_eq!(counts(&done), [1, 0, 1], "{done}");

    let list = format!("{{\"users\":[{long},{{\"username\":\"eve\",\"email\":\"eve@example.test\"}}]}}");
    let done = import(&owner, &[("format", "keycloak")], ("a.json", list.as_bytes())).await;
    assert_eq!(counts(&done), [1, 0, 1], "{done}");
}

#[tokio::test]
async fn a_header_of_a_million_columns_is_refused_shortly() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for header in ["x,".repeat(1_000_000), "x,".repeat(10_000)] {
        let done = import(&owner, &[], ("a.csv", header.as_bytes())).await;
        assert_eq!(done["status"]["phase"], "FAILED");
        let why = done["status"]["failureMessage"].as_str().unwrap();
        assert!(why.len() < 20_000, "{}", why.len());
    }
}

#[tokio::test]
async fn a_form_without_what_it_takes_is_refused_and_leaves_nothing() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let file = ("a.csv", &b"name,email\nada,ada@example.test\n"[..]);
    for (texts, file, field) in [
        (&[("format", "xml")][..], file, "format"),
        (&[("dryRun", "perhaps")], file, "dryRun"),
        (&[], ("a.txt", file.1), "format"),
        (&[], ("a.csv", &b""[..]), "file"),
    ] {
        let refused = send(&owner, texts, file).await.expect_problem(400, "invalid");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    assert_eq!(owner.get(IMPORTS).await.expect(200)["total"], 0);
    let kept = app.app.files.list("").await.unwrap();
    assert!(!kept.iter().any(|key| key.contains("/i/")), "{kept:?}");
}

#[tokio::test]
async fn a_file_that_says_it_is_too_large_is_refused_before_it_comes() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let request = owner.request(Method::POST, IMPORTS);
    let request = request.header("content-type", "multipart/form-data; boundary=XX");
    let endless = futures_util::stream::pending::<std::io::Result<Vec<u8>>>();
    let request = request
        .header("content-length", "2147483648")
        .body(reqwest::Body::wrap_stream(endless));
    owner.send(request).await.expect_problem(413, "too_large");
}

#[tokio::test]
async fn a_connection_that_breaks_halfway_adds_nobody() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let whole = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\
                 name,email\nada,ada@example.test\n";
    let pieces = [Ok(whole.as_bytes().to_vec()), Err(std::io::Error::other("gone"))];
    let request = owner.request(Method::POST, IMPORTS);
    let request = request.header("content-type", "multipart/form-data; boundary=XX");
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    assert!(request.body(body).send().await.is_err());
    app.work().await;
    assert_eq!(owner.get(IMPORTS).await.expect(200)["total"], 0);
    assert_eq!(owner.get(USERS).await.expect(200)["total"], 1);
    let cut = owner.request(Method::POST, IMPORTS);
    let cut = cut
        .header("content-type", "multipart/form-data; boundary=XX")
        .body(whole);
    owner.send(cut).await.expect_problem(400, "malformed");
    assert_eq!(owner.get(IMPORTS).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn what_is_not_utf_8_is_said_to_be_so() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let latin = b"name,email,displayName\nada,ada@example.test,Z\xfcrich\nbob,bob@example.test,B\n";
    let done = import(&owner, &[], ("a.csv", latin)).await;
    assert_eq!(counts(&done), [1, 0, 1], "{done}");
    assert_eq!(rejections(&owner, &done).await, [wrong(2, "displayName", "format")]);
    let wide = import(&owner, &[], ("a.csv", b"\xff\xfen\0a\0m\0e\0")).await;
    let why = wide["status"]["failureMessage"].as_str().unwrap();
    assert!(why.contains("UTF-16"), "{why}");
    let nul = "{\"name\":\"nul\",\"email\":\"nul@example.test\",\"annotations\":{\"a\":\"\\u0000\"}}";
    let done = import(&owner, &[], ("a.jsonl", nul.as_bytes())).await;
    assert_eq!(rejections(&owner, &done).await, [wrong(1, "annotations", "format")]);
}
