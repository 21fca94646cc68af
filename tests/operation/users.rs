//! Users, owners and sessions by command, beside a running server.

use crate::support::{
    PASSWORD, client,
    database::Database,
    program::{Program, run},
};
use serde_json::{Value, json};
use std::process::Output;

const ANOTHER: &str = "incorrect donkey battery staple";

async fn sign_in(base: &str, name: &str, password: &str) -> (u16, Value) {
    let given = json!({ "username": name, "password": password });
    let answer = client()
        .post(format!("{base}/v1/login"))
        .json(&given)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[track_caller]
fn said(done: &Output) -> String {
    assert!(done.status.success(), "{done:?}");
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[track_caller]
fn assert_refused(refused: &Output, why: &str) {
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains(why), "{said}");
}

/// The acts on Ada are in the audit trail, as the operator's.
async fn assert_audited(program: &Program) {
    let events = client()
        .get(format!("{}/apis/console/v1alpha1/audit-events?size=100", program.base))
        .bearer_auth(program.owner_token().await);
    let events: Value = events.send().await.unwrap().json().await.unwrap();
    for action in [
        "users:create",
        "users/password:update",
        "users/permissions:create",
        "users:disable",
        "users:enable",
    ] {
        let mut found = events["items"].as_array().unwrap().iter();
        let event = found.find(|event| event["action"] == action).unwrap();
        assert_eq!(
            (&event["object"], &event["outcome"]),
            (&json!("ada"), &json!("done")),
            "{event}"
        );
        let by_whom = (&event["actor"], &event["userAgent"]);
        assert_eq!(by_whom, (&json!(""), &json!("tenantry (operator)")), "{event}");
    }
}

#[tokio::test]
async fn an_operator_creates_users_sets_their_passwords_and_roles_and_keeps_them_out() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    let user = |arguments: &[&str], input: &str| run(&database, &[&["user"], arguments].concat(), input);
    let create = [
        "create",
        "ada",
        "--email",
        "ada@example.com",
        "--verified",
        "--role",
        "support",
        "--password-stdin",
    ];
    said(&user(&create, &format!("{PASSWORD}\n")));
    assert_eq!(sign_in(&program.base, "ada", PASSWORD).await.0, 200);
    assert_refused(&user(&create, PASSWORD), "Another user has");
    let set = ["set-password", "ada", "--password-stdin"];
    assert_refused(&user(&set, "short"), "the password must have");

    said(&user(&set, ANOTHER));
    assert_eq!(sign_in(&program.base, "ada", PASSWORD).await.0, 401);
    assert_eq!(sign_in(&program.base, "ada", ANOTHER).await.0, 200);
    let made = said(&user(&["set-password", "ada"], ""));
    let word = made.split_whitespace().skip_while(|word| *word != "password").nth(1);
    assert!(word.is_some(), "one that is made is shown: {made}");

    said(&user(&["grant", "ada", "auditor"], ""));
    assert_refused(&user(&["grant", "ada", "nonsense"], ""), "role");
    said(&user(&["disable", "ada"], ""));
    let list = said(&user(&["list"], ""));
    let ada = list.lines().find(|line| line.starts_with("ada ")).unwrap();
    assert!(
        ada.contains("ada@example.com") && ada.contains("disabled") && ada.contains("auditor, user"),
        "{ada}"
    );
    said(&user(&["enable", "ada"], ""));
    said(&user(&["rename", "ada", "countess"], ""));
    assert_refused(&user(&["rename", "admin", "ada"], ""), "Another user has");
    said(&user(&["rename", "countess", "ada"], ""));
    assert_refused(&user(&["disable", "admin"], ""), "owner");
    assert_refused(&user(&["disable", "nobody"], ""), "user");
    assert_refused(&user(&["list", "--tenant", "nobody"], ""), "there is no tenant nobody");

    assert_audited(&program).await;
    let verified = run(&database, &["audit", "verify"], "");
    assert!(verified.status.success(), "{verified:?}");
    drop(program);
    database.jobs_may_be_left = true;
    database.end();
}

#[tokio::test]
async fn an_operator_makes_applications_and_changes_their_secrets() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    let application = |arguments: &[&str]| run(&database, &[&["application"], arguments].concat(), "");
    let redirect = ["--redirect-uri", "https://shop.example/cb"];
    let made = said(&application(
        &[&["create", "shop", "--preset", "web-server"][..], &redirect].concat(),
    ));
    let secret = |text: &str| text.split_whitespace().find(|word| word.len() == 43).map(str::to_owned);
    assert!(secret(&made).is_some(), "{made}");
    let rotated = said(&application(&["rotate-secret", "shop"]));
    assert_ne!(secret(&rotated), secret(&made));
    said(&application(&["rotate-secret", "shop"]));
    let page = said(&application(&["create", "page", "--preset", "single-page"]));
    assert!(page.contains("no secret") && secret(&page).is_none(), "{page}");
    let list = said(&application(&["list"]));
    assert!(
        list.contains("shop") && list.contains("single-page") && list.contains("swagger-ui"),
        "{list}"
    );

    assert_refused(
        &application(&["create", "x", "--preset", "thing"]),
        "web-server (a web application",
    );
    assert_refused(
        &application(&["create", "shop", "--preset", "native"]),
        "Another application",
    );
    assert_refused(&application(&["rotate-secret", "page"]), "keeps no secret");
    assert_refused(&application(&["rotate-secret", "console"]), "built-in");
    let wrong = [
        "create",
        "y",
        "--preset",
        "native",
        "--redirect-uri",
        "javascript:alert(1)",
    ];
    assert_refused(&application(&wrong), "javascript");
    drop(program);
    database.end();
}

#[tokio::test]
async fn a_tenant_whose_owners_are_locked_out_gets_another_one() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    let create = [
        "tenant",
        "create",
        "acme",
        "--owner-email",
        "owner@acme.test",
        "--password-stdin",
    ];
    let made = said(&run(&database, &create, PASSWORD));
    assert!(made.contains("/t/acme/console/"), "{made}");
    let acme = format!("{}/t/acme", program.base);

    let owner = [
        "tenant",
        "add-owner",
        "acme",
        "--owner",
        "ada",
        "--owner-email",
        "ada@acme.test",
        "--password-stdin",
    ];
    said(&run(&database, &owner, ANOTHER));
    let (status, tokens) = sign_in(&acme, "ada", ANOTHER).await;
    assert_eq!(status, 200);
    let users = client()
        .get(format!("{acme}/apis/console/v1alpha1/users"))
        .bearer_auth(tokens["accessToken"].as_str().unwrap());
    assert_eq!(users.send().await.unwrap().status(), 200, "who may do everything");
    assert_eq!(
        sign_in(&program.base, "ada", ANOTHER).await.0,
        401,
        "in no other tenant"
    );
    drop(program);
    database.end();
}

#[tokio::test]
async fn every_session_of_a_tenant_or_of_all_is_ended_by_a_command() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    let create = [
        "tenant",
        "create",
        "acme",
        "--owner-email",
        "owner@acme.test",
        "--password-stdin",
    ];
    said(&run(&database, &create, PASSWORD));
    let acme = format!("{}/t/acme", program.base);
    let works = async |base: &str, tokens: &Value| {
        let token = tokens["accessToken"].as_str().unwrap();
        let answer = client()
            .get(format!("{base}/apis/console/v1alpha1/users/-"))
            .bearer_auth(token);
        answer.send().await.unwrap().status() == 200
    };
    let (_, here) = sign_in(&program.base, "admin", PASSWORD).await;
    let (_, there) = sign_in(&acme, "admin", PASSWORD).await;
    assert!(works(&program.base, &here).await && works(&acme, &there).await);

    said(&run(&database, &["session", "end-all", "--tenant", "acme"], ""));
    assert!(works(&program.base, &here).await && !works(&acme, &there).await);
    let all = said(&run(&database, &["session", "end-all"], ""));
    assert!(
        all.contains("1 sessions ended") && all.contains("0 sessions ended"),
        "{all}"
    );
    assert!(!works(&program.base, &here).await);
    drop(program);
    database.end();
}
