//! Starting, stopping, restarting, and what is written down meanwhile.

use crate::support::{
    PASSWORD, TestApp, client,
    database::{Database, is_postgres},
    program::{Program, run},
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use poem::Endpoint;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

#[tokio::test]
async fn machines_can_ask_whether_the_server_lives_and_is_ready() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/readyz"] {
        let answer = app.default_tenant().anybody().get(path).await;
        assert_eq!(answer.expect(200), json!({ "status": "ok" }));
    }
    app.app.close().await;
    let answer = app.default_tenant().anybody().get("/readyz").await;
    answer.expect_problem(503, "database_unavailable");
    app.default_tenant().anybody().get("/healthz").await.expect(200);
}

#[tokio::test]
async fn what_a_request_is_carried_in_is_small() {
    let app = TestApp::start().await;
    let routes = tenantry::app::routes(&app.app);
    let answering = routes.call(poem::Request::default());
    // It is copied several times before it begins. What is rare, as a look into a database, is boxed.
    let size = size_of_val(&answering);
    assert!(size <= 8192, "{size} bytes");
}

#[tokio::test]
async fn who_waits_too_long_for_the_database_is_told_to_come_back() {
    let app = TestApp::start_with(|config| config.database_wait = 1).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let new = async |number: usize| {
        let role = json!({ "metadata": { "name": format!("role-{number}") }, "spec": { "displayName": "A role" } });
        owner.post("/apis/console/v1alpha1/roles", &role).await
    };
    let held = app.hold("role").await;
    // More than there are connections.
    let mut answers: FuturesUnordered<_> = (0..25).map(new).collect();
    for _ in 0..5 {
        let refused = answers.next().await.expect("an answer while others wait");
        assert_eq!(refused.header("retry-after"), "1", "{}", refused.text);
        refused.expect_problem(503, "busy");
    }
    drop(held);
    while let Some(answer) = answers.next().await {
        match answer.status.as_u16() {
            200 => {}
            _ => drop(answer.expect_problem(503, "busy")),
        }
    }
    new(25).await.expect(200);
}

#[tokio::test]
async fn a_stopping_server_finishes_what_it_has_begun_and_takes_nothing_new() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    let address = program.base.strip_prefix("http://").unwrap().to_owned();
    let body = json!({ "username": "admin", "password": PASSWORD }).to_string();
    let mut begun = TcpStream::connect(&address).unwrap();
    let length = body.len();
    write!(
        begun,
        "POST /v1/login HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut interim = [0; 25];
    begun.read_exact(&mut interim).unwrap();
    assert_eq!(
        &interim, b"HTTP/1.1 100 Continue\r\n\r\n",
        "the operation is waiting for its body"
    );

    let stopping = std::thread::spawn(move || program.terminate());
    while TcpStream::connect(&address).is_ok() {
        std::thread::yield_now();
    }
    begun.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    begun.read_to_string(&mut answer).unwrap();

    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let (ended_well, log) = stopping.join().unwrap();
    assert!(ended_well, "{log}");
    database.end();
}

#[tokio::test]
async fn what_was_signed_in_before_a_restart_is_signed_in_after_it() {
    let mut database = Database::create().await;
    let public = [("TENANTRY_PUBLIC_URL", "http://localhost:8080")];
    let program = Program::start(&database, &public);
    let token = program.owner_token().await;
    program.kill();
    drop(program);

    let program = Program::start(&database, &public);
    let me = format!("{}/apis/console/v1alpha1/users/-", program.base);
    let answer = client().get(me).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    drop(program);
    database.end();
}

#[tokio::test]
async fn a_second_server_on_the_same_directory_is_refused() {
    if is_postgres() {
        // There, many servers share a database.
        return;
    }
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);

    let file = database.directory().join("second.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:0\"\n").unwrap();
    let second = run(&database, &["--config", file.to_str().unwrap()], "");

    assert!(!second.status.success());
    assert!(
        String::from_utf8_lossy(&second.stderr).contains("another server uses"),
        "{second:?}"
    );
    drop(program);
    database.end();
}

#[tokio::test]
async fn the_log_has_request_ids_and_no_secrets() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[("TENANTRY_LOG", "trace"), ("TENANTRY_LOG_FORMAT", "json")]);
    let post = async |path: &str, body: Value| {
        client()
            .post(format!("{}{path}", program.base))
            .json(&body)
            .send()
            .await
            .unwrap()
    };
    let mail = "canary@example.com";
    let new = json!({ "username": "canary", "email": mail, "password": "canary password" });
    let answer = post("/v1/register", new).await;
    let request_id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(answer.status(), 200);
    let tokens = post(
        "/v1/login",
        json!({ "username": "canary", "password": "canary password" }),
    )
    .await;
    let tokens: Value = tokens.json().await.unwrap();
    let renewed = post("/v1/refresh", json!({ "refreshToken": tokens["refreshToken"] })).await;
    let renewed: Value = renewed.json().await.unwrap();
    post(
        "/v1/login",
        json!({ "username": "canary", "password": "canary mistake" }),
    )
    .await;
    post("/v1/email/verify", json!({ "email": mail, "code": "canary-code" })).await;

    let (_, log) = program.terminate();
    assert!(
        log.lines()
            .any(|line| line.contains(&request_id) && line.contains("\"status\":200")),
        "{log}"
    );
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for secret in [
        "canary password",
        "canary mistake",
        "canary-code",
        &text(&tokens["accessToken"]),
        &text(&tokens["refreshToken"]),
        &text(&renewed["accessToken"]),
        &text(&renewed["refreshToken"]),
        PASSWORD,
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    database.end();
}
