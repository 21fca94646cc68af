//! Senders: what may be configured, by whom, and what never comes out again.

mod alarm;
mod delivery;
mod dkim;
mod hosts;
mod notifier;
mod tls;
mod trial;
mod turns;

use crate::support::{
    Person, Reply, Tenant, TestApp,
    relay::Relay,
    roles::{CONSOLE, make_person, patch},
    smtp::{PORT, sender, sender_at},
};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const SENDERS: &str = "/apis/console/v1alpha1/senders";
const SECRET: &str = "hunter2-hunter2-hunter2";

/// A server that lets relays be at these ports.
async fn start(relays: &[&Relay]) -> TestApp {
    let ports: Vec<u16> = relays.iter().map(|relay| relay.port).collect();
    TestApp::start_with(|config| config.smtp_ports = ports).await
}

/// Has a mail sent to this address: a code, or to who has proven it, a notice.
async fn ask(tenant: &Tenant<'_>, address: &str) {
    let ask = json!({ "email": address, "purpose": "register" });
    let send = "/v1/email/send-verification";
    tenant.anybody().post(send, &ask).await.expect(200);
}

/// Makes a sender.
pub(crate) async fn make(owner: &Person<'_>, new: &Value) -> Value {
    owner.post(SENDERS, new).await.expect(200)
}

/// One that has a password.
fn with_password(name: &str) -> Value {
    let mut new = sender_at(name, 587);
    new["spec"]["encryption"] = "starttls".into();
    new["spec"]["username"] = "mailer".into();
    new["spec"]["password"] = SECRET.into();
    new
}

async fn change(owner: &Person<'_>, name: &str, spec: Value) -> Reply {
    patch(owner, &format!("{SENDERS}/{name}"), &json!({ "spec": spec })).await
}

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| item["metadata"]["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_tenant_whose_mail_leaves_by_a_sender_of_its_own_keeps_none() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let keeps = async || owner.get(&format!("{CONSOLE}/tenant")).await.expect(200)["mailbox"].clone();
    assert_eq!(keeps().await, true);
    let mut new = sender("main");
    new["spec"]["enabled"] = true.into();
    make(&owner, &new).await;
    assert_eq!(keeps().await, false);
    change(&owner, "main", json!({ "enabled": false })).await.expect(200);
    assert_eq!(keeps().await, true);
}

#[tokio::test]
async fn a_password_is_kept_and_shown_nowhere() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let made = owner.post(SENDERS, &with_password("main")).await;
    assert!(!made.text.contains(SECRET), "{}", made.text);
    let made = made.expect(200);
    assert!(made["status"]["passwordSetAt"].is_string(), "{made}");
    let wrong = change(&owner, "main", json!({ "port": 1, "password": SECRET })).await;
    assert_eq!(wrong.status, 400);
    for path in [
        SENDERS.to_owned(),
        format!("{SENDERS}/main"),
        format!("{CONSOLE}/notifiers/default-email-notifier/sender-config"),
        format!("{CONSOLE}/audit-events?size=200"),
    ] {
        let answer = owner.get(&path).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
        assert!(
            !answer.text.contains(SECRET) && !answer.text.contains("sealed"),
            "{path}"
        );
    }
    assert!(!wrong.text.contains(SECRET));
    let sql = format!("select count(*) from sender where cast(password_sealed as text) like '%{SECRET}%'");
    assert_eq!(app.count(&sql).await, 0);
    let sealed = "select count(*) from sender where password_sealed is not null";
    assert_eq!(app.count(sealed).await, 1, "the control: it is kept");
}

#[tokio::test]
async fn a_password_goes_to_no_other_relay_than_the_one_it_was_given_for() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, &with_password("main")).await;
    for other in [
        json!({ "host": "localhost" }),
        json!({ "port": 465 }),
        json!({ "username": "somebody" }),
    ] {
        let refused = change(&owner, "main", other.clone()).await;
        refused.expect_problem(400, "secret_required");
        let mut whole = other;
        whole["password"] = "another-one".into();
        change(&owner, "main", whole).await.expect(200);
    }
    let none = json!({ "encryption": "none", "port": *PORT });
    change(&owner, "main", none.clone())
        .await
        .expect_problem(400, "secret_required");
    let mut clear = none;
    clear["password"] = "another-one".into();
    change(&owner, "main", clear)
        .await
        .expect_problem(400, "encryption_required");
    let gone = json!({ "host": "127.0.0.1", "username": null, "password": null });
    let bare = change(&owner, "main", gone).await.expect(200);
    assert_eq!(bare["status"]["passwordSetAt"], Value::Null);
    let named = change(&owner, "main", json!({ "username": "mailer" })).await;
    named.expect_problem(400, "secret_required");
}

#[tokio::test]
async fn a_sender_is_written_by_version_and_found_by_name() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let made = make(&owner, &sender("main")).await;
    assert_eq!(made["metadata"]["version"], 1);
    owner
        .post(SENDERS, &sender("main"))
        .await
        .expect_problem(409, "sender_name_taken");
    let changed = change(&owner, "main", json!({ "perMinute": 5 })).await.expect(200);
    assert_eq!(
        (&changed["metadata"]["version"], &changed["spec"]["perMinute"]),
        (&json!(2), &json!(5))
    );
    let path = format!("{SENDERS}/main");
    let old = json!({ "metadata": { "version": 1 }, "spec": { "perMinute": 7 } });
    patch(&owner, &path, &old).await.expect_problem(409, "version_conflict");
    let same = change(&owner, "main", json!({ "perMinute": 5 })).await.expect(200);
    assert_eq!(same["metadata"]["version"], 2, "what changes nothing makes no version");
    let put = json!({ "metadata": { "version": 2 }, "spec": sender("main")["spec"] });
    let whole = owner.put(&path, &put).await.expect(200);
    assert_eq!(whole["spec"]["perMinute"], 60);
    let request = owner.request(Method::DELETE, &path).header("if-match", "\"1\"");
    assert_eq!(owner.send(request).await.status, 412);
    let request = owner.request(Method::DELETE, &path);
    assert_eq!(owner.send(request).await.status, 204);
    owner.get(&path).await.expect_problem(404, "sender_not_found");
}

#[tokio::test]
async fn ten_senders_are_put_into_any_order() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let mut all: Vec<String> = (0..10).map(|number| format!("relay-{number}")).collect();
    for name in &all {
        make(&owner, &sender(name)).await;
    }
    let more = owner.post(SENDERS, &sender("one-more")).await;
    more.expect_problem(400, "invalid");
    all.reverse();
    let order = format!("{SENDERS}/-/order");
    let ordered = owner.put(&order, &json!({ "names": all })).await.expect(200);
    assert_eq!(names(&ordered), all);
    assert_eq!(names(&owner.get(SENDERS).await.expect(200)), all);
    let (twice, unknown) = (
        [&all[..9], &all[..1]].concat(),
        [&all[..9], &["nobody".to_owned()]].concat(),
    );
    for wrong in [all[1..].to_vec(), twice, unknown] {
        let wrong = json!({ "names": wrong });
        owner.put(&order, &wrong).await.expect_problem(400, "invalid");
    }
    let request = owner.request(Method::DELETE, &format!("{SENDERS}/relay-5"));
    assert_eq!(owner.send(request).await.status, 204);
    make(&owner, &sender("last")).await;
    assert_eq!(names(&owner.get(SENDERS).await.expect(200)).last(), Some(&"last"));
}

#[tokio::test]
async fn a_mail_manager_looks_after_senders_and_an_auditor_sees_them() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let manager = make_person(&owner, "manager", "mail-manager").await;
    let auditor = make_person(&owner, "auditor", "auditor").await;
    let user = make_person(&owner, "somebody", "").await;
    make(&manager, &sender("main")).await;
    change(&manager, "main", json!({ "perMinute": 5 })).await.expect(200);
    auditor.get(&format!("{SENDERS}/main")).await.expect(200);
    change(&auditor, "main", json!({ "perMinute": 6 }))
        .await
        .expect_problem(403, "forbidden");
    user.get(SENDERS).await.expect_problem(403, "forbidden");
    // Nobody of them may do more than mail.
    manager
        .get(&format!("{CONSOLE}/users"))
        .await
        .expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_name_beside_an_address_takes_nobody_in() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await.owner().await;
    for bad in [
        "ceo@example.com",
        "<x>",
        "https://example.com",
        "Tenantry",
        "the tenantry team",
        "a\r\nBcc: b@example.com",
    ] {
        let mut new = sender("main");
        new["spec"]["fromName"] = bad.into();
        acme.post(SENDERS, &new).await.expect_problem(400, "invalid");
    }
    let mut new = sender("main");
    new["spec"]["fromName"] = "Acme & Sons".into();
    make(&acme, &new).await;
    let mut new = sender("main");
    new["spec"]["fromName"] = "Tenantry".into();
    make(&app.default_tenant().owner().await, &new).await;
}

#[tokio::test]
async fn a_port_is_one_of_relays_or_of_the_operators_list() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for bad in [22, 80, 6379, 5432] {
        let refused = owner.post(SENDERS, &sender_at("main", bad)).await;
        let problem = refused.expect_problem(400, "invalid");
        assert_eq!(problem["errors"][0]["field"], "spec.port", "{problem}");
    }
    for good in [25, 465, 587, 2525, *PORT] {
        make(&owner, &sender_at(&format!("relay-{good}"), good)).await;
    }
}
