//! Connections: how long a client may take, how many there may be, and what is no request at all.

use crate::support::{TestApp, database::Database, program::Program};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

fn address(base: &str) -> &str {
    base.strip_prefix("http://").unwrap()
}

/// A connection from this address of the machine itself.
async fn connect_from(from: [u8; 4], base: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    socket.connect(address(base).parse().unwrap()).await.unwrap()
}

/// Sends this on a connection of its own and reads what comes until the server closes it.
async fn talk(base: &str, sent: &str) -> String {
    let mut connection = TcpStream::connect(address(base)).await.unwrap();
    connection.write_all(sent.as_bytes()).await.unwrap();
    rest(&mut connection).await
}

async fn rest(connection: &mut TcpStream) -> String {
    let mut answer = vec![];
    // A connection that is cut off has said what it had to say.
    let _ = connection.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Asks whether the server lives, on a connection of its own, and how long that took.
async fn ask_healthz(base: &str) -> Duration {
    let begun = Instant::now();
    let answer = talk(base, "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    begun.elapsed()
}

#[tokio::test]
async fn a_thousand_connections_that_trickle_keep_nobody_out() {
    // This side needs its descriptors as well.
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).unwrap();
    let mut database = Database::create().await;
    let program = Program::start_within(&database, 1024, &[]);
    let mut tricklers = vec![];
    for number in 0..1_100_u32 {
        let from = [127, 0, 1, u8::try_from(1 + number % 10).unwrap()];
        let mut connection = connect_from(from, &program.base).await;
        let _ = connection.write_all(b"GET / HT").await;
        tricklers.push(connection);
    }
    let mut took = vec![];
    for _ in 0..5 {
        for trickler in &mut tricklers {
            // Those that were closed cannot be written to.
            let _ = trickler.write_all(b"T").await;
        }
        took.push(ask_healthz(&program.base).await);
    }
    let quickest = took.iter().min().unwrap();
    assert!(*quickest < Duration::from_millis(100), "{took:?}");
    drop(tricklers);
    let (ended_well, log) = program.terminate();
    assert!(ended_well, "{log}");
    assert_eq!(log.matches("no room for a connection").count(), 1, "{log}");
    database.end();
}

#[tokio::test]
async fn a_server_without_descriptors_closes_what_waits_and_says_so_once() {
    let mut database = Database::create().await;
    // More connections may be open than the system has descriptors for, which it says itself.
    let crowded = Program::start_within(&database, 128, &[("TENANTRY_CONNECTIONS", "5000")]);
    let mut tricklers = vec![];
    for _ in 0..200 {
        let mut connection = connect_from([127, 0, 1, 1], &crowded.base).await;
        let _ = connection.write_all(b"G").await;
        tricklers.push(connection);
    }
    ask_healthz(&crowded.base).await;
    let (ended_well, log) = crowded.terminate();
    assert!(ended_well, "{log}");
    assert_eq!(log.matches("no room for a connection").count(), 1, "{log}");
    database.end();
}

#[tokio::test]
async fn an_address_has_its_share_of_connections_and_leaves_others_theirs() {
    let app = TestApp::start_with(|config| config.connections_per_address = 3).await;
    let mut kept = vec![];
    for _ in 0..3 {
        kept.push(connect_from([127, 0, 1, 1], &app.base).await);
    }
    let mut one_more = connect_from([127, 0, 1, 1], &app.base).await;
    assert_eq!(rest(&mut one_more).await, "");
    ask_healthz(&app.base).await;
    kept.clear();
    let proxies = |config: &mut tenantry::config::Config| {
        config.connections_per_address = 1;
        config.trusted_proxies = vec!["127.0.1.0/24".parse().unwrap()];
    };
    let app = TestApp::start_with(proxies).await;
    let _kept = connect_from([127, 0, 1, 1], &app.base).await;
    let mut second = connect_from([127, 0, 1, 1], &app.base).await;
    let ask = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    second.write_all(ask).await.unwrap();
    assert!(rest(&mut second).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_that_does_not_come_in_time_is_not_waited_for() {
    let app = TestApp::start_with(|config| config.head_wait = 1).await;
    let begun = Instant::now();
    let mut connection = TcpStream::connect(address(&app.base)).await.unwrap();
    let (mut reader, mut writer) = connection.split();
    let mut pace = tokio::time::interval(Duration::from_millis(100));
    let trickle = async {
        loop {
            pace.tick().await;
            if writer.write_all(b"G").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut read = vec![];
    tokio::select! {
        _ = reader.read_to_end(&mut read) => {}
        () = trickle => {}
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_refused() {
    let app = TestApp::start_with(|config| config.body_wait = 1).await;
    let head = "POST /v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let answer = talk(&app.base, head).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["details"][0]["reason"], "REQUEST_TIMEOUT", "{body}");
}

#[tokio::test]
async fn what_no_client_sends_is_refused() {
    let app = TestApp::start().await;
    for (sent, status) in [
        ("GET /healthz HTTP/1.1\nHost: a\nConnection: close\n\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a\nConnection: close\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        ("TRACE /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405),
        (
            "TRACE /v1/identity/resolve HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            405,
        ),
        // Before HTTP/1.1 there was no such header.
        ("GET /healthz HTTP/1.0\r\n\r\n", 200),
    ] {
        let answer = talk(&app.base, sent).await;
        let expected = format!(" {status} ");
        assert!(
            answer.lines().next().unwrap_or_default().contains(&expected),
            "{sent:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_client_that_is_refused_while_it_still_sends_gets_its_answer() {
    let app = TestApp::start().await;
    let length = 1_900_000;
    let head = format!(
        "POST /apis/console/v1alpha1/users/-/avatar HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer nothing\r\n\
         Content-Type: multipart/form-data; boundary=XX\r\nContent-Length: {length}\r\n\r\n"
    );
    let mut connection = TcpStream::connect(address(&app.base)).await.unwrap();
    let body = vec![b'x'; length];
    for _ in 0..20 {
        // On one connection: the rest of each body is out of the way of the next request.
        connection.write_all(head.as_bytes()).await.unwrap();
        connection.write_all(&body).await.unwrap();
        let mut head = vec![];
        while !head.ends_with(b"\r\n\r\n") {
            head.push(connection.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 401"), "{head}");
        let length = head.split("content-length: ").nth(1).unwrap();
        let length = length.split("\r\n").next().unwrap().parse().unwrap();
        connection.read_exact(&mut vec![0; length]).await.unwrap();
    }
}

#[tokio::test]
async fn a_client_that_would_send_for_long_is_told_to_open_another_connection() {
    let app = TestApp::start().await;
    let head = "POST /v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n";
    for end in ["\r\n", "Expect: 100-continue\r\n\r\n"] {
        let answer = talk(&app.base, &format!("{head}{end}")).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
}
