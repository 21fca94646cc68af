//! `kill -9` at the worst moments: no acknowledged write is lost, no fact is without its mail.

use crate::support::{
    PASSWORD, client, code_in,
    database::{Database, is_postgres},
    free_port,
    program::Program,
    smtp::Sink,
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use serde_json::{Value, json};
use std::net::TcpListener;

async fn register(base: &str, name: &str) -> Option<Value> {
    let new = json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD });
    let answer = client()
        .post(format!("{base}/v1/register"))
        .json(&new)
        .send()
        .await
        .ok()?;
    let status = answer.status();
    let body: Value = answer.json().await.ok()?;
    assert_eq!(status, 200, "{body}");
    Some(body)
}

#[tokio::test]
async fn a_server_killed_between_commit_and_mail_sends_the_mail_once_after_its_restart() {
    let mut database = Database::create().await;
    // A relay that takes the connection and says nothing: the mail is under way and not sent.
    let port = free_port();
    let silent = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let url = format!("smtp://127.0.0.1:{port}");
    let program = Program::start(&database, &[("TENANTRY_SMTP_URL", &url)]);
    register(&program.base, "ada").await.expect("an acknowledged sign-up");
    let under_way = silent.accept().unwrap();
    program.kill();
    drop((program, under_way, silent));

    // Another machine's lease has to run out; on the same directory it is known to be dead.
    if is_postgres() {
        database.end_leases().await;
    }
    let mut sink = Sink::start(port, &[]);
    let program = Program::start(&database, &[("TENANTRY_SMTP_URL", &url)]);
    let mail = sink.next();

    assert_eq!(mail["to"], json!(["ada@example.com"]));
    let given = json!({ "email": "ada@example.com", "code": code_in(mail["text"].as_str().unwrap()) });
    let answer = client()
        .post(format!("{}/v1/email/verify", program.base))
        .json(&given)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "the code that arrived is good");
    let (ended_well, log) = program.terminate();
    assert!(ended_well, "{log}");
    assert_eq!(sink.stop(), Vec::<Value>::new(), "it arrives once");
    assert_eq!(database.end(), 0);
}

/// Signs a dozen people up at once, kills the server when `most` have been answered, and returns
/// the names of all who were.
async fn sign_up_until_death(database: &Database, round: usize, most: usize) -> Vec<String> {
    let program = Program::start(database, &[]);
    let mut signing_up: FuturesUnordered<_> = (0..12)
        .map(|n| format!("user-{round}-{n}"))
        .map(async |name| register(&program.base, &name).await.map(|_| name))
        .collect();
    let mut acknowledged = vec![];
    while acknowledged.len() < most {
        acknowledged.extend(signing_up.next().await.expect("more answers"));
    }
    program.kill();
    while let Some(last) = signing_up.next().await {
        acknowledged.extend(last);
    }
    acknowledged
}

#[tokio::test]
async fn every_acknowledged_sign_up_and_its_mail_survive_kill_9() {
    let mut database = Database::create().await;
    let mut acknowledged = vec![];
    for round in 0..6 {
        acknowledged.extend(sign_up_until_death(&database, round, round * 2).await);
    }
    if is_postgres() {
        database.end_leases().await;
    }

    let program = Program::start(&database, &[]);
    let token = program.owner_token().await;
    let get = async |path: &str| {
        let url = format!("{}/apis/console/v1alpha1/{path}", program.base);
        let answer = client().get(url).bearer_auth(&token).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["items"]
            .as_array()
            .unwrap()
            .clone()
    };
    let users = get("users?size=200").await;
    let addresses = users.iter().map(|item| item["user"]["spec"]["email"].as_str().unwrap());
    let addresses: Vec<_> = addresses.filter(|address| *address != "admin@localhost").collect();
    for name in &acknowledged {
        let address = format!("{name}@example.com");
        assert!(
            addresses.contains(&address.as_str()),
            "{name} was acknowledged and is lost"
        );
    }
    database.wait_until_nothing_is_due().await;
    let messages = get("messages?size=200").await;
    for address in &addresses {
        let mails = messages.iter().filter(|item| item["spec"]["to"] == *address);
        let states: Vec<_> = mails.map(|item| item["status"]["state"].clone()).collect();
        assert_eq!(states, ["kept"], "{address} has one message, and it was delivered");
    }
    assert!(acknowledged.len() >= 30);
    drop(program);
    assert_eq!(database.end(), 0);
}
