//! Why no mail came to an address.

use crate::support::{
    Person, Tenant, TestApp,
    relay::Relay,
    roles::{CONSOLE, make_person},
    smtp::sender_at,
};
use serde_json::{Value, json};

const MESSAGES: &str = "/apis/console/v1alpha1/messages";

async fn ask(tenant: &Tenant<'_>, address: &str) {
    let ask = json!({ "email": address, "purpose": "register" });
    let anybody = tenant.anybody();
    anybody.post("/v1/email/send-verification", &ask).await.expect(200);
}

async fn explain(owner: &Person<'_>, address: &str) -> Value {
    let path = format!("{MESSAGES}/-/explain?address={address}");
    owner.get(&path).await.expect(200)
}

/// The codes of what is found, with `!` before what keeps mail from the address.
fn codes(found: &Value) -> Vec<String> {
    let findings = found["findings"].as_array().unwrap().iter();
    let code = |finding: &Value| {
        let mark = if finding["blocks"] == true { "!" } else { "" };
        format!("{mark}{}", finding["code"].as_str().unwrap())
    };
    findings.map(code).collect()
}

/// A server whose own relay this is.
async fn start(relay: &Relay) -> TestApp {
    let url = format!("smtp://127.0.0.1:{}", relay.port);
    TestApp::start_with(|config| config.smtp_url = Some(url)).await
}

#[tokio::test]
async fn each_message_is_followed_from_the_question_to_the_relay() {
    let relay = Relay::start().await;
    let mut app = start(&relay).await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let found = explain(&owner, "ada@example.com").await;
    assert_eq!(codes(&found), ["!never_asked"]);
    assert_eq!(found["messages"], json!([]));

    ask(&tenant, "Ada@example.com").await;
    // Whatever case it was typed in.
    let found = explain(&owner, "ADA@EXAMPLE.COM").await;
    assert_eq!(codes(&found), ["!queued"]);
    assert_eq!(found["findings"][0]["about"], "verify_email");

    relay.answer("RCPT", "451 4.7.1 greylisted");
    app.work().await;
    let found = explain(&owner, "ada@example.com").await;
    assert_eq!(codes(&found), ["!deferred"]);
    let finding = &found["findings"][0];
    assert_eq!(finding["detail"], "451 4.7.1 greylisted");
    assert!(finding["until"].is_string(), "{finding}");

    relay.heal();
    app.advance(30);
    app.work().await;
    let found = explain(&owner, "ada@example.com").await;
    assert_eq!(codes(&found), ["sent"]);
    assert_eq!(found["findings"][0]["detail"], "250 2.0.0 queued as 42");
    assert_eq!(found["messages"][0]["status"]["state"], "sent");
    assert_eq!(
        found["findings"][0]["message"],
        found["messages"][0]["metadata"]["name"]
    );

    // The one before is told of no more, and what keeps the next from it comes first.
    relay.answer("RCPT", "550 5.1.1 no such user");
    app.advance(61);
    ask(&tenant, "ada@example.com").await;
    app.work().await;
    let owner = tenant.owner().await;
    let found = explain(&owner, "ada@example.com").await;
    assert_eq!(codes(&found), ["!undeliverable", "!failed"]);
    assert!(found["findings"][0]["until"].is_string(), "{found}");
    assert_eq!(found["messages"].as_array().unwrap().len(), 2);

    // Nobody else's.
    assert_eq!(codes(&explain(&owner, "bob@example.com").await), ["!never_asked"]);
}

#[tokio::test]
async fn limits_say_until_when() {
    let relay = Relay::start().await;
    let mut app = start(&relay).await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let mut asked = 0;
    loop {
        app.advance(61);
        let ask = json!({ "email": "ada@example.com", "purpose": "register" });
        let reply = tenant.anybody().post("/v1/email/send-verification", &ask).await;
        if reply.status == 429 {
            break;
        }
        app.work().await;
        asked += 1;
        assert!(asked < 50, "there is a limit");
    }
    let owner = tenant.owner().await;
    let found = explain(&owner, "ada@example.com").await;
    let limited = &found["findings"][0];
    assert_eq!(
        (&limited["code"], &limited["about"]),
        (&json!("limited"), &json!("register"))
    );
    let until = limited["until"]
        .as_str()
        .unwrap()
        .parse::<chrono::DateTime<chrono::Utc>>();
    assert!(until.unwrap() > app.clock.now());
    // Of all tenants together it had five in this hour as well.
    let has = |found: &Value, code: &str| codes(found).iter().any(|one| one == code);
    assert_eq!(has(&found, "!receiver_limited"), relay.taken().len() >= 5, "{found}");
    let other = app.tenant("other").await.owner().await;
    let found = explain(&other, "ada@example.com").await;
    assert!(!has(&found, "!limited"), "{found}");
}

#[tokio::test]
async fn a_sender_that_fails_or_is_off_and_a_tenant_without_any_are_told() {
    let relay = Relay::start().await;
    let mut app = TestApp::start_with(|config| config.smtp_ports = vec![relay.port]).await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    ask(&tenant, "ada@example.com").await;
    app.work().await;
    let found = explain(&owner, "ada@example.com").await;
    assert_eq!(codes(&found), ["!kept", "!no_sender"]);

    let senders = format!("{CONSOLE}/senders");
    owner.post(&senders, &sender_at("main", relay.port)).await.expect(200);
    let mut spare = sender_at("spare", relay.port);
    spare["spec"]["enabled"] = false.into();
    owner.post(&senders, &spare).await.expect(200);
    relay.answer("MAIL", "530 5.7.0 log in");
    app.advance(61);
    ask(&tenant, "ada@example.com").await;
    app.work().await;
    let found = explain(&owner, "ada@example.com").await;
    assert_eq!(codes(&found), ["!deferred", "!sender_failing", "sender_off"], "{found}");
    let failing = &found["findings"][1];
    assert_eq!(
        (&failing["about"], &failing["detail"]),
        (&json!("main"), &json!("530 5.7.0 log in"))
    );
    assert!(
        failing["since"].is_string() && failing["until"].is_string(),
        "{failing}"
    );
}

#[tokio::test]
async fn a_text_that_is_not_valid_any_more_is_told_and_keeps_no_mail() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let path = format!("{CONSOLE}/message-templates/verify_email/en");
    let own = json!({ "spec": { "subject": "Own", "text": "{{ code }}", "html": "<p>{{ code }}</p>" } });
    owner.put(&path, &own).await.expect(200);
    app.execute("update message_template set text = '{{ nothing }}'").await;
    ask(&tenant, "ada@example.com").await;
    app.work().await;
    let found = explain(&owner, "ada@example.com").await;
    assert_eq!(codes(&found), ["sent", "template_broken"]);
    assert_eq!(found["findings"][1]["about"], "verify_email/en");
}

#[tokio::test]
async fn it_is_told_to_who_may_read_the_log_alone_and_says_nothing_of_accounts() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    tenant.sign_up_proven("ada").await;
    app.advance(31 * 24 * 3600);
    let owner = {
        drop(owner);
        tenant.owner().await
    };
    app.execute("delete from message_attempt").await;
    app.execute("delete from message").await;
    let of = async |address: &str| {
        let mut found = explain(&owner, address).await;
        found["address"].take();
        found
    };
    assert_eq!(of("ada@example.com").await, of("nobody@example.com").await);
    let path = format!("{MESSAGES}/-/explain?address=ada@example.com");
    let person = make_person(&owner, "bob", "user").await;
    person.get(&path).await.expect_problem(403, "forbidden");
    tenant.anybody().get(&path).await.expect_problem(401, "unauthenticated");
    let wrong = format!("{MESSAGES}/-/explain?address=ada");
    owner.get(&wrong).await.expect_problem(400, "invalid");
    owner
        .get(&format!("{MESSAGES}/-/explain"))
        .await
        .expect_problem(400, "invalid");
}
