//! Files that the server fetches: from nowhere that a tenant has no business to be.

use super::{Place, decide, field, in_both, is_exact, long_text, place, room, seen, send};
use crate::support::{
    Person, Reply, TestApp, client,
    roles::make_role,
    roles::{CONSOLE, allow, make_user},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

in_both!(a_file_is_fetched_and_named);

/// A server that says this to whoever calls, and where it is.
async fn server(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut head = vec![0; 4096];
                let _ = socket.read(&mut head).await;
                let _ = socket.write_all(&answer).await;
                let _ = socket.shutdown().await;
            });
        }
    });
    format!("http://{address}")
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes(), body].concat()
}

async fn fetch(who: &Person<'_>, url: &str) -> Reply {
    let body = json!({ "url": url, "policyName": "attachments" });
    who.post(&format!("{CONSOLE}/attachments/-/upload-from-url"), &body)
        .await
}

async fn a_file_is_fetched_and_named(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    let text = long_text(6 << 20);
    let head = format!(
        "200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}",
        text.len()
    );
    let base = server(answer(&head, text.as_bytes())).await;
    let made = fetch(&owner, &format!("{base}/some/%C3%A4%2Fb.txt?secret=1"))
        .await
        .expect(200);
    assert_eq!(made["spec"]["displayName"], "b.txt");
    assert_eq!(made["spec"]["sourceHost"], "127.0.0.1");
    assert!(!made.to_string().contains("secret"));
    assert!(seen(&owner, &place(&owner, &made), &[]).await.2 == text.as_bytes());
    // As Halo's console does it, without a length.
    let base = server(answer("200 OK", b"short")).await;
    let parts = [field("url", &base), field("filename", "mine.txt")];
    let request = owner
        .request(reqwest::Method::POST, &format!("{CONSOLE}/attachments/-/upload"))
        .header("content-type", "multipart/form-data; boundary=XX");
    let made = owner.send(request.body(super::form(&parts))).await.expect(200);
    assert_eq!(made["spec"]["displayName"], "mine.txt");
    is_exact(&app).await;
}

#[tokio::test]
async fn what_does_not_answer_with_a_file_is_not_kept_and_not_told() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    decide(&owner, &json!({ "maxFileBytes": 1000 })).await;
    let elsewhere = server(answer("200 OK", b"secret of the inside")).await;
    for (head, body, status, code) in [
        ("404 Not Found", b"no".to_vec(), 502, "source_failed"),
        (
            &format!("302 Found\r\nLocation: {elsewhere}"),
            vec![],
            502,
            "source_failed",
        ),
        ("204 No Content", vec![], 502, "source_failed"),
        ("200 OK\r\nContent-Length: 100", b"cut".to_vec(), 502, "source_failed"),
        ("200 OK\r\nContent-Length: 1001", vec![b'x'; 1001], 413, "too_large"),
        ("200 OK", vec![b'x'; 1001], 413, "too_large"),
        (
            "200 OK\r\nContent-Type: image/png",
            b"not a picture".to_vec(),
            415,
            "type_refused",
        ),
        ("200 OK", vec![], 400, "invalid"),
    ] {
        let base = server(answer(head, &body)).await;
        let problem = fetch(&owner, &base).await.expect_problem(status, code);
        assert!(!problem.to_string().contains(&base), "{problem}");
        app.advance(61);
    }
    assert_eq!(room(&app).await, (0, [0, 0, 0]));
}

#[tokio::test]
async fn an_address_inside_is_not_called() {
    // Anybody reaches this server: its own machine is inside.
    let app = TestApp::start_with(|config| config.public_url = Some("https://id.example.com/".parse().unwrap())).await;
    let tokens: Value = {
        let login = json!({ "username": "admin", "password": crate::support::PASSWORD });
        let answer = client()
            .post(format!("{}/v1/login", app.base))
            .json(&login)
            .send()
            .await
            .unwrap();
        answer.json().await.unwrap()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://0x7f.1:{port}/"),
        format!("https://localhost:{port}/"),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "https://192.168.1.1/".to_owned(),
        "https://[fd00::1]/".to_owned(),
        "https://100.64.0.1/".to_owned(),
        "https://0.0.0.0/".to_owned(),
        "https://user:secret@example.com/".to_owned(),
        "https://example.com/#part".to_owned(),
        "http://example.com/".to_owned(),
        "ftp://example.com/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://example.com/".to_owned(),
        "nothing".to_owned(),
    ] {
        app.advance(10);
        let asked = client()
            .post(format!("{}{CONSOLE}/attachments/-/upload-from-url", app.base))
            .bearer_auth(tokens["accessToken"].as_str().unwrap())
            .json(&json!({ "url": url }))
            .send()
            .await
            .unwrap();
        let status = asked.status();
        let problem: Value = asked.json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &problem["code"]),
            (400, &json!("source_refused")),
            "{url}: {problem}"
        );
        assert!(problem["errors"].is_null(), "{problem}");
    }
    let called = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
    assert!(called.is_err(), "nobody called");
}

#[tokio::test]
async fn who_may_upload_may_not_have_files_fetched_and_nobody_more_than_ten_a_minute() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let base = server(answer("200 OK", b"short")).await;
    make_role(&owner, "uploader", "", &[allow("attachments", "create")]).await;
    make_user(&owner, "ulla", "uploader").await;
    let ulla = owner.tenant.sign_in("ulla").await;
    fetch(&ulla, &base).await.expect_problem(403, "forbidden");
    send(&ulla, &[field("url", &base)])
        .await
        .expect_problem(403, "forbidden");
    for _ in 0..10 {
        fetch(&owner, &base).await.expect(200);
    }
    fetch(&owner, &base).await.expect_problem(429, "too_many_attempts");
    app.advance(61);
    fetch(&owner, &base).await.expect(200);
}
