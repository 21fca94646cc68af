//! Acts on many that are broken off: the next worker goes on where the last transaction ended.

use super::BATCHES;
use crate::{
    support::{PASSWORD, client, database::Database, program::Program, roles::USERS},
    user_import::rows,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const MANY: usize = 4_000;

async fn get(base: &str, token: &str, path: &str) -> Value {
    let request = client().get(format!("{base}{path}")).bearer_auth(token);
    request.send().await.unwrap().json().await.unwrap()
}

/// Asks until the newest of a list says so.
async fn until(base: &str, token: &str, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let list = get(base, token, path).await;
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
    let request = client().post(format!("{base}/v1/login")).json(&given);
    let tokens: Value = request.send().await.unwrap().json().await.unwrap();
    tokens["accessToken"].as_str().unwrap().to_owned()
}

/// Adds so many users.
async fn import(base: &str, owner: &str) {
    let imports = "/apis/console/v1alpha1/user-imports";
    let rows = rows("many", MANY);
    let body = format!(
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nname,email\n{rows}\r\n--XX--\r\n"
    );
    let request = client().post(format!("{base}{imports}")).bearer_auth(owner);
    let request = request.header("content-type", "multipart/form-data; boundary=XX");
    assert_eq!(request.body(body).send().await.unwrap().status(), 200);
    until(base, owner, imports, |status| status["phase"] == "SUCCEEDED").await;
}

#[tokio::test]
async fn a_server_that_is_killed_in_the_middle_goes_on_exactly_where_it_was() {
    let database = Database::create().await;
    let program = Program::start(&database, &[]);
    let (base, owner) = (program.base.clone(), token(&program.base).await);
    import(&base, &owner).await;
    let asked = json!({ "spec": { "act": "disable", "filter": { "keyword": "many" } } });
    let request = client().post(format!("{base}{BATCHES}")).bearer_auth(&owner);
    assert_eq!(request.json(&asked).send().await.unwrap().status(), 200);
    let before = until(&base, &owner, BATCHES, |status| status["done"].as_u64() > Some(0)).await;
    program.kill();
    drop(program);
    assert!(before["left"].as_u64() > Some(0), "killed too late to try: {before}");

    let program = Program::start(&database, &[]);
    let (base, owner) = (program.base.clone(), token(&program.base).await);
    let done = until(&base, &owner, BATCHES, |status| {
        status["phase"] != "RUNNING" && status["phase"] != "PENDING"
    })
    .await;
    assert_eq!(done["phase"], "SUCCEEDED", "{done}");
    // Whoever had a turn twice would be unchanged.
    assert_eq!([&done["done"], &done["unchanged"], &done["left"]], [MANY, 0, 0]);
    let disabled = format!("{USERS}?keyword=many&fieldSelector=spec.disabled=false");
    assert_eq!(get(&base, &owner, &disabled).await["total"], 0);
    let events = "/apis/console/v1alpha1/audit-events";
    let verified = get(&base, &owner, &format!("{events}/-/verification")).await;
    assert_eq!(verified["intact"], true, "{verified}");
}
