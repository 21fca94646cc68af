//! Addresses that get no mail: those that nobody has, and those that had too many.

use crate::support::{
    Person, Tenant, TestApp,
    relay::{Relay, header},
    roles::make_person,
};
use serde_json::{Value, json};

const MESSAGES: &str = "/apis/console/v1alpha1/messages";
const UNDELIVERABLE: &str = "/apis/console/v1alpha1/undeliverable-addresses";

/// A server whose own relay this is.
async fn start(relay: &Relay) -> TestApp {
    let url = format!("smtp://127.0.0.1:{}", relay.port);
    TestApp::start_with(|config| config.smtp_url = Some(url)).await
}

/// Has a mail sent to this address.
async fn ask(tenant: &Tenant<'_>, address: &str) {
    let ask = json!({ "email": address, "purpose": "register" });
    let send = "/v1/email/send-verification";
    tenant.anybody().post(send, &ask).await.expect(200);
    tenant.app.work().await;
}

/// The newest message, with its log.
async fn newest(owner: &Person<'_>) -> Value {
    let list = owner.get(MESSAGES).await.expect(200);
    let name = list["items"][0]["metadata"]["name"].as_str().unwrap();
    owner.get(&format!("{MESSAGES}/{name}")).await.expect(200)
}

async fn undeliverable(owner: &Person<'_>) -> Vec<Value> {
    owner.get(UNDELIVERABLE).await.expect(200)["items"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn mail_to_an_address_that_nobody_has_fails_without_a_relay_being_asked() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let tenant = app.default_tenant();
    relay.answer("RCPT", "550 5.1.1 no such user");
    ask(&tenant, "Gone@example.com").await;
    let owner = tenant.owner().await;
    let first = newest(&owner).await;
    let list = undeliverable(&owner).await;
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["metadata"]["name"], "gone@example.com");
    let status = &list[0]["status"];
    assert_eq!(status["diagnostic"], "550 5.1.1 no such user");
    assert_eq!(status["message"], first["metadata"]["name"]);
    assert!(status["since"].is_string() && status["until"].is_string(), "{status}");

    relay.heal();
    app.advance(61);
    let asked = relay.count("RCPT");
    ask(&tenant, "gone@example.com").await;
    assert_eq!(relay.count("RCPT"), asked, "nobody is asked");
    let known = newest(&owner).await;
    assert_eq!(known["status"]["state"], "failed");
    let log = &known["status"]["log"][0];
    assert_eq!((&log["step"], &log["enhanced"]), (&json!("known"), &json!("5.1.1")));
    let said = known["status"]["lastError"].as_str().unwrap();
    assert!(
        said.contains("known to be undeliverable since") && said.contains("no such user"),
        "{said}"
    );
    assert_eq!(known["status"]["attempts"], 0);
    // No code was made for it.
    let minted = "select count(*) from verification where link_hash is not null and ended_at is null";
    assert_eq!(app.count(minted).await, 0);

    let support = make_person(&owner, "bob", "auditor").await;
    let path = format!("{UNDELIVERABLE}/GONE@example.com");
    support.delete(&path).await.expect_problem(403, "forbidden");
    owner.delete(&path).await.expect(204);
    owner
        .delete(&path)
        .await
        .expect_problem(404, "undeliverable_address_not_found");
    assert!(undeliverable(&owner).await.is_empty());
    app.advance(61);
    ask(&tenant, "gone@example.com").await;
    assert_eq!(newest(&owner).await["status"]["state"], "sent");
}

#[tokio::test]
async fn what_is_no_word_about_the_address_does_not_keep_mail_from_it() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for (number, (step, answer, counts)) in [
        ("RCPT", "550 5.7.1 not from you", false),
        ("RCPT", "552 5.2.2 mailbox full", false),
        ("RCPT", "550 no such user", false),
        ("DOT", "550 5.1.1 at the wrong step", false),
        ("RCPT", "550 5.1.2 no such domain", true),
        ("RCPT", "550 5.1.10 null MX", true),
    ]
    .into_iter()
    .enumerate()
    {
        relay.heal();
        relay.answer(step, answer);
        let address = format!("user-{number}@example.com");
        ask(&tenant, &address).await;
        let path = format!("{UNDELIVERABLE}?fieldSelector=metadata.name={address}");
        let list = owner.get(&path).await.expect(200);
        assert_eq!(list["total"], u32::from(counts), "{answer}");
    }
}

#[tokio::test]
async fn a_refusal_is_forgotten_after_ninety_days() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let tenant = app.default_tenant();
    relay.answer("RCPT", "550 5.1.1 no such user");
    ask(&tenant, "gone@example.com").await;
    relay.heal();
    app.advance(90 * 24 * 3600 - 1);
    assert_eq!(undeliverable(&tenant.owner().await).await.len(), 1);
    app.advance(1);
    assert!(undeliverable(&tenant.owner().await).await.is_empty());
    ask(&tenant, "gone@example.com").await;
    assert_eq!(newest(&tenant.owner().await).await["status"]["state"], "sent");
    assert_eq!(app.count("select count(*) from address_health").await, 0);
}

#[tokio::test]
async fn whoever_asks_for_their_own_code_has_a_relay_be_asked_once_more() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let tenant = app.default_tenant();
    let reset = async || {
        app.advance(61);
        let ask = json!({ "email": "ada@example.com" });
        tenant.anybody().post("/v1/password/reset", &ask).await.expect(200);
        app.work().await;
        relay.count("RCPT")
    };
    relay.answer("RCPT", "550 5.1.1 no such user");
    tenant.sign_up("ada").await;
    app.work().await;
    let owner = tenant.owner().await;
    assert_eq!(undeliverable(&owner).await.len(), 1);
    assert_eq!(reset().await, 2, "it is tried once more");
    assert_eq!(undeliverable(&owner).await.len(), 1);
    assert_eq!(reset().await, 2, "and no third time");
    // An administrator who has it tried is not held up by that, and what is delivered is not held against it.
    let path = format!("{UNDELIVERABLE}/ada@example.com");
    owner.delete(&path).await.expect(204);
    relay.heal();
    assert_eq!(reset().await, 3);
    assert!(undeliverable(&owner).await.is_empty());
}

#[tokio::test]
async fn an_address_gets_five_messages_an_hour_and_twenty_a_day_of_all_tenants_together() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let mut tenants = vec![];
    for name in ["a", "b", "c", "d", "e", "f"] {
        tenants.push(app.tenant(name).await);
    }
    let taken = || {
        let taken = relay.taken();
        taken
            .iter()
            .filter(|mail| header(mail, "To") == "ada@example.com")
            .count()
    };
    let mut most = 0;
    for hour in 1..=5 {
        for tenant in &tenants {
            ask(tenant, "ada@example.com").await;
        }
        most = (most + 5).min(20);
        assert_eq!(taken(), most, "in hour {hour}");
        app.advance(3601);
    }
    let dropped = newest(&tenants[5].owner().await).await;
    assert_eq!(dropped["status"]["state"], "dropped");
    assert_eq!(dropped["status"]["log"][0]["step"], "limit");
    ask(&tenants[0], "bob@example.com").await;
    assert_eq!(relay.taken().len(), 21, "the control: another address");
    app.advance(20 * 3600);
    ask(&tenants[0], "ada@example.com").await;
    assert_eq!(taken(), 21);
}

#[tokio::test]
async fn a_message_counts_once_for_its_address_however_often_it_is_tried() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let tenant = app.tenant("acme").await;
    relay.answer("RCPT", "451 4.7.1 come back");
    ask(&tenant, "ada@example.com").await;
    for wait in [2, 10, 30, 60, 300] {
        app.advance(wait);
        app.work().await;
    }
    relay.heal();
    app.advance(900);
    app.work().await;
    assert_eq!(relay.taken().len(), 1);
    let others = app.tenant("other").await;
    for _ in 0..4 {
        ask(&others, "ada@example.com").await;
        app.advance(61);
    }
    assert_eq!(relay.taken().len(), 5);
}
