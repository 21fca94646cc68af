//! Imports that are broken off: the next worker goes on where the last transaction ended.

use super::{IMPORTS, rows};
use crate::support::{PASSWORD, client, database::Database, program::Program, roles::USERS};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ROWS: usize = 6_000;

async fn get(base: &str, token: &str, path: &str) -> Value {
    let request = client().get(format!("{base}{path}")).bearer_auth(token);
    request.send().await.unwrap().json().await.unwrap()
}

/// Asks until the newest import says so.
async fn until(base: &str, token: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let list = get(base, token, IMPORTS).await;
        let status = list["items"][0]["status"].clone();
        if is_so(&status) {
            return status;
        }
        assert!(begun.elapsed() < Duration::from_mins(5), "{status}");
        tokio::task::yield_now().await;
    }
}

async fn token(base: &str) -> String {
    let given = json!({ "username": "admin", "password": PASSWORD });
    let reply = client()
        .post(format!("{base}/v1/login"))
        .json(&given)
        .send()
        .await
        .unwrap();
    let tokens: Value = reply.json().await.unwrap();
    tokens["accessToken"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_server_that_is_killed_in_the_middle_goes_on_exactly_where_it_was() {
    let database = Database::create().await;
    let program = Program::start(&database, &[]);
    let mut file = format!("name,email\n{}", rows("user", ROWS));
    file += "user-0,user-0@example.test\nuser-1,other@example.test\n";
    let body = format!(
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{file}\r\n--XX--\r\n"
    );
    let (base, owner) = (program.base.clone(), token(&program.base).await);
    let request = client().post(format!("{base}{IMPORTS}")).bearer_auth(&owner);
    let request = request
        .header("content-type", "multipart/form-data; boundary=XX")
        .body(body);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let before = until(&base, &owner, |status| status["rows"].as_u64() > Some(0)).await;
    program.kill();
    drop(program);
    assert!(
        before["rows"].as_u64() < Some(ROWS as u64),
        "killed too late to try: {before}"
    );

    let program = Program::start(&database, &[]);
    let (base, owner) = (program.base.clone(), token(&program.base).await);
    let done = until(&base, &owner, |status| {
        status["phase"] != "RUNNING" && status["phase"] != "PENDING"
    })
    .await;
    assert_eq!(done["phase"], "SUCCEEDED", "{done}");
    assert_eq!(done["rows"], json!(ROWS + 2));
    assert_eq!([&done["created"], &done["unchanged"], &done["rejected"]], [ROWS, 1, 1]);
    let users = get(&base, &owner, USERS).await;
    assert_eq!(users["total"], json!(ROWS + 1));
}
