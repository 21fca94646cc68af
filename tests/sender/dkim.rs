//! Signatures of mail (DKIM): when there are some, that others take them, and what is said of records.

use super::{SENDERS, change, make};
use crate::support::{
    Person, TestApp,
    dns::Dns,
    relay::{Relay, header},
    smtp::sender_at,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    io::Write,
    process::{Command, Stdio},
};

const KEYS: &str = "/apis/console/v1alpha1/senders/main/dkim-keys";
const HOUR: i64 = 3600;

/// A server with a relay and a name server, and a sender `main` of the domain `mail.example`.
async fn start(relay: &Relay, dns: &Dns) -> TestApp {
    let (port, server) = (relay.port, dns.address);
    let app = TestApp::start_with(|config| {
        config.smtp_ports = vec![port];
        config.dns_servers = vec![server];
    })
    .await;
    make(&app.default_tenant().owner().await, &sender_at("main", port)).await;
    app
}

async fn make_key(owner: &Person<'_>, algorithm: &str) -> Value {
    owner.post(KEYS, &json!({ "algorithm": algorithm })).await.expect(200)
}

fn selector(key: &Value) -> &str {
    key["selector"].as_str().unwrap()
}

fn publish(dns: &Dns, key: &Value) {
    let part = |part: &str| key["record"][part].as_str().unwrap().to_owned();
    dns.say(&part("name"), &[&part("value")]);
}

async fn check(owner: &Person<'_>, key: &Value) -> Value {
    let path = format!("{KEYS}/{}/check", selector(key));
    owner.send(owner.request(Method::POST, &path)).await.expect(200)
}

/// How each key stands, by its selector.
async fn states(owner: &Person<'_>) -> HashMap<String, String> {
    let list = owner.get(KEYS).await.expect(200);
    let text = |key: &Value, part: &str| key[part].as_str().unwrap().to_owned();
    let keys = list["items"].as_array().unwrap().iter();
    keys.map(|key| (text(key, "selector"), text(key, "state"))).collect()
}

/// A mail by the sender.
async fn mail(owner: &Person<'_>, relay: &Relay, language: &str) -> String {
    let request = owner.request(Method::POST, &format!("{SENDERS}/main/verify"));
    let request = request.header("accept-language", language).json(&json!({}));
    owner.send(request).await.expect(200);
    relay.taken().pop().unwrap()
}

/// Whether each signature of a mail holds, as dkimpy has it.
fn verify(mail: &str, keys: &[&Value]) -> Vec<bool> {
    let record = |key: &&Value| {
        let name = key["record"]["name"].as_str().unwrap().to_owned();
        (name, key["record"]["value"].clone())
    };
    let records: HashMap<String, Value> = keys.iter().map(record).collect();
    // As it was before it went over the wire.
    let given = json!({ "mail": mail.replace("\r\n..", "\r\n."), "records": records });
    let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON names a Python with dkimpy: see scripts/test");
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/dkim-check.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(given.to_string().as_bytes()).unwrap();
    drop(input);
    serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap()
}

#[tokio::test]
async fn both_signatures_of_a_mail_hold_for_others_and_not_when_somebody_changed_it() {
    let (relay, dns) = (Relay::start().await, Dns::start());
    let app = start(&relay, &dns).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let (rsa, short) = (make_key(&owner, "rsa2048").await, make_key(&owner, "ed25519").await);
    assert!(
        !mail(&owner, &relay, "en").await.contains("DKIM-Signature"),
        "no record was seen"
    );
    for key in [&rsa, &short] {
        publish(&dns, key);
        let checked = check(&owner, key).await;
        assert_eq!(
            (&checked["matches"], &checked["key"]["state"]),
            (&json!(true), &json!("active"))
        );
    }
    let keys = [&rsa, &short];
    for language in ["en", "zh"] {
        let trial = mail(&owner, &relay, language).await;
        assert_eq!(verify(&trial, &keys), [true, true], "{trial}");
        let ask = json!({ "email": format!("{language}@example.com"), "purpose": "register" });
        let request = tenant.anybody().request(Method::POST, "/v1/email/send-verification");
        let request = request.header("accept-language", language).json(&ask);
        tenant.anybody().send(request).await.expect(200);
        app.work().await;
        let code = relay.taken().pop().unwrap();
        assert_eq!(verify(&code, &keys), [true, true], "{code}");
        let subject = header(&code, "Subject");
        for changed in [
            code.replace(&format!("Subject: {subject}"), "Subject: Another"),
            format!("From: eve@evil.example\r\n{code}"),
            format!("{code}One more line\r\n"),
        ] {
            assert_ne!(changed, code);
            assert_eq!(verify(&changed, &keys), [false, false], "{changed}");
        }
        let received = format!("Received: from somewhere\r\n{code}\r\n\r\n");
        assert_eq!(verify(&received, &keys), [true, true], "what relays may add");
    }
}

#[tokio::test]
async fn a_key_whose_record_disappears_signs_no_more_until_that_is_back() {
    let (relay, dns) = (Relay::start().await, Dns::start());
    let mut app = start(&relay, &dns).await;
    let owner = app.default_tenant().owner().await;
    let key = make_key(&owner, "ed25519").await;
    publish(&dns, &key);
    check(&owner, &key).await;
    let look = async |expected: &str| {
        app.advance(25 * HOUR);
        app.work().await;
        let owner = app.default_tenant().owner().await;
        assert_eq!(states(&owner).await[selector(&key)], expected);
        let signed = mail(&owner, &relay, "en").await.contains("DKIM-Signature");
        assert_eq!(signed, expected == "active");
    };
    look("active").await;
    dns.fail();
    look("active").await;
    dns.say("somewhere.example", &["else"]);
    look("suspended").await;
    dns.fail();
    look("suspended").await;
    publish(&dns, &key);
    look("active").await;
    app.abandon_jobs();
}

#[tokio::test]
async fn a_new_key_takes_the_place_of_the_old_one_after_two_days_and_that_goes_after_nine() {
    let (relay, dns) = (Relay::start().await, Dns::start());
    let mut app = start(&relay, &dns).await;
    let owner = app.default_tenant().owner().await;
    let (old, new) = (make_key(&owner, "ed25519").await, make_key(&owner, "ed25519").await);
    for key in [&old, &new] {
        publish(&dns, key);
        check(&owner, key).await;
    }
    let stand = async |after: i64, expected: &[(&Value, &str)]| {
        app.advance(after);
        app.work().await;
        let owner = app.default_tenant().owner().await;
        let expected = expected
            .iter()
            .map(|(key, state)| (selector(key).to_owned(), (*state).to_owned()));
        assert_eq!(states(&owner).await, expected.collect::<HashMap<_, _>>());
        let signed = mail(&owner, &relay, "en").await;
        assert_eq!(verify(&signed, &[&old, &new]), [true], "{signed}");
        signed.contains(&format!("s={};", selector(&new)))
    };
    assert!(!stand(0, &[(&old, "active"), (&new, "next")]).await);
    assert!(!stand(47 * HOUR, &[(&old, "active"), (&new, "next")]).await);
    assert!(stand(2 * HOUR, &[(&old, "retiring"), (&new, "active")]).await);
    assert!(stand(6 * 24 * HOUR, &[(&old, "retiring"), (&new, "active")]).await);
    assert!(stand(2 * 24 * HOUR, &[(&new, "active")]).await);
    app.abandon_jobs();
}

#[tokio::test]
async fn what_is_wrong_with_records_is_said() {
    let (relay, dns) = (Relay::start().await, Dns::start());
    let mut app = start(&relay, &dns).await;
    let owner = app.default_tenant().owner().await;
    let key = make_key(&owner, "rsa2048").await;
    let part = |part: &str| key["record"][part].as_str().unwrap().to_owned();
    let (name, value) = (part("name"), part("value"));
    let strings: Vec<_> = key["record"]["strings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part.as_str().unwrap())
        .collect();
    assert_eq!(strings.concat(), value);
    assert!(strings.len() == 2 && strings.iter().all(|part| part.len() <= 255));
    let other = make_key(&owner, "ed25519").await;
    let other = other["record"]["value"].as_str().unwrap();
    let spaced = value.replace("p=", "p = ").replace('M', "M ");
    for (texts, published, matches, problem) in [
        (vec![], false, false, Some("record_missing")),
        (vec![other], true, false, Some("record_differs")),
        (vec!["v=DKIM1; k=rsa; p="], true, false, Some("key_revoked")),
        (vec!["something else"], true, false, Some("record_differs")),
        (vec![&value, other], true, false, Some("record_repeated")),
        (vec![&format!("{value}; t=y:s")], true, true, Some("test_mode")),
        (vec![&spaced], true, true, None),
    ] {
        app.advance(60);
        dns.say(&name, &texts);
        let found = check(&owner, &key).await;
        let expected: Vec<&str> = problem.into_iter().chain(["spf_missing", "dmarc_missing"]).collect();
        let said = [&found["published"], &found["matches"], &found["problems"]];
        assert_eq!(
            said,
            [&json!(published), &json!(matches), &json!(expected)],
            "{texts:?}"
        );
    }
    app.advance(60);
    dns.say("mail.example", &["v=spf1 a -all", "v=spf10", "unrelated"]);
    dns.say("_dmarc.mail.example", &["v=DMARC1; p=reject"]);
    let found = check(&owner, &key).await;
    assert_eq!(found["problems"], json!([]));
    assert_eq!(
        (&found["spf"], &found["dmarc"]),
        (&json!("v=spf1 a -all"), &json!("v=DMARC1; p=reject"))
    );
    dns.say("mail.example", &["v=spf1 a -all", "v=spf1 -all"]);
    assert_eq!(check(&owner, &key).await["problems"], json!(["spf_repeated"]));
    dns.fail();
    let found = check(&owner, &key).await;
    assert_eq!(
        (&found["problems"], &found["key"]["state"]),
        (&json!(["dns_failed"]), &json!("active"))
    );
    app.abandon_jobs();
}

#[tokio::test]
async fn a_key_stands_for_the_domain_of_its_sender_or_one_above_and_for_no_other() {
    let (relay, dns) = (Relay::start().await, Dns::start());
    let mut app = start(&relay, &dns).await;
    let owner = app.default_tenant().owner().await;
    for domain in ["other.example", "l.example", "a.mail.example", "", "ail.example"] {
        let new = json!({ "algorithm": "ed25519", "domain": domain });
        let refused = owner.post(KEYS, &new).await.expect_problem(400, "invalid");
        assert_eq!(refused["errors"][0]["field"], "domain", "{refused}");
    }
    let new = json!({ "algorithm": "ed25519", "domain": "Example" });
    let above = owner.post(KEYS, &new).await.expect(200);
    assert_eq!(above["domain"], "example");
    publish(&dns, &above);
    check(&owner, &above).await;
    assert!(mail(&owner, &relay, "en").await.contains("d=example;"));
    change(&owner, "main", json!({ "fromAddress": "main@mail.test" }))
        .await
        .expect(200);
    assert_eq!(states(&owner).await[selector(&above)], "suspended");
    assert!(!mail(&owner, &relay, "en").await.contains("DKIM-Signature"));
    assert!(
        check(&owner, &above).await["problems"]
            .as_array()
            .unwrap()
            .contains(&json!("domain_differs"))
    );
    app.abandon_jobs();
}

#[tokio::test]
async fn a_sender_has_four_keys_and_no_private_half_comes_out() {
    let (relay, dns) = (Relay::start().await, Dns::start());
    let app = start(&relay, &dns).await;
    let owner = app.default_tenant().owner().await;
    let mut all = vec![];
    for algorithm in ["rsa2048", "ed25519", "ed25519", "ed25519"] {
        all.push(make_key(&owner, algorithm).await);
    }
    let selectors: Vec<&str> = all.iter().map(selector).collect();
    let begin = &selectors[0][..8];
    assert_eq!(selectors, ["a", "b", "c", "d"].map(|letter| format!("{begin}{letter}")));
    assert!(begin.starts_with("tn20"), "{begin}");
    let more = owner.post(KEYS, &json!({ "algorithm": "ed25519" })).await;
    more.expect_problem(400, "invalid");
    for path in [KEYS, "/apis/console/v1alpha1/audit-events?size=200"] {
        let text = owner.get(path).await.text;
        assert!(!text.contains("rivate"), "{text}");
    }
    let path = format!("{KEYS}/{}", selectors[1]);
    assert_eq!(owner.send(owner.request(Method::DELETE, &path)).await.status, 204);
    let again = owner.send(owner.request(Method::DELETE, &path)).await;
    again.expect_problem(404, "dkim_key_not_found");
    for number in 0..10 {
        let found = check(&owner, &all[0]).await;
        assert_eq!(found["published"], false, "{number}");
    }
    let path = format!("{KEYS}/{}/check", selectors[0]);
    let over = owner.send(owner.request(Method::POST, &path)).await;
    over.expect_problem(429, "too_many_attempts");
    drop(relay);
}
