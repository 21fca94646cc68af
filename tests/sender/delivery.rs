//! By which relay mail leaves, and by which it goes on where one does not take it: by whose fault that was.

use super::{SENDERS, ask, change, make, start};
use crate::support::{
    Person, TestApp, code_in,
    relay::{CLOSE, HANG, Relay, header},
    smtp::sender_at,
};
use serde_json::{Value, json};

const MESSAGES: &str = "/apis/console/v1alpha1/messages";

/// How many codes were taken: owners are mailed as well where a sender fails.
fn codes(relay: &Relay) -> usize {
    let taken = relay.taken();
    let is_code = |mail: &&String| header(mail, "Feedback-ID").starts_with("verify_email");
    taken.iter().filter(is_code).count()
}

/// The newest message with a code.
async fn last_message(owner: &Person<'_>) -> Value {
    let codes = format!("{MESSAGES}?fieldSelector=spec.template=verify_email");
    let list = owner.get(&codes).await.expect(200);
    let name = list["items"][0]["metadata"]["name"].as_str().unwrap().to_owned();
    owner.get(&format!("{MESSAGES}/{name}")).await.expect(200)
}

async fn state_of(owner: &Person<'_>, sender: &str) -> Value {
    owner.get(&format!("{SENDERS}/{sender}")).await.expect(200)["status"].clone()
}

#[tokio::test]
async fn mail_leaves_by_the_first_sender_in_its_name_and_by_the_next_while_that_fails() {
    let (main, spare) = (Relay::start().await, Relay::start().await);
    let app = start(&[&main, &spare]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let mut first = sender_at("main", main.port);
    first["spec"]["fromName"] = "Acme".into();
    first["spec"]["replyTo"] = "help@mail.example".into();
    make(&owner, &first).await;
    make(&owner, &sender_at("spare", spare.port)).await;
    ask(&tenant, "a@example.com").await;
    app.work().await;
    let mail = main.taken().remove(0);
    assert_eq!(header(&mail, "From"), "Acme <main@mail.example>");
    assert_eq!(header(&mail, "Reply-To"), "help@mail.example");
    assert_eq!(header(&mail, "Feedback-ID"), "verify_email:main:default");
    let status = last_message(&owner).await["status"].take();
    let sent = ["state", "sender", "relayAnswer"].map(|field| status[field].clone());
    assert_eq!(sent, ["sent", "main", "250 2.0.0 queued as 42"]);

    main.answer("MAIL", "530 5.7.0 log in first");
    ask(&tenant, "b@example.com").await;
    app.work().await;
    assert_eq!((codes(&main), codes(&spare)), (1, 1), "in the same attempt");
    let message = last_message(&owner).await;
    assert_eq!(message["status"]["sender"], "spare");
    let log = &message["status"]["log"];
    let first = ["sender", "step", "code", "enhanced"].map(|field| log[0][field].clone());
    let expected = [json!("main"), json!("mail"), json!(530), json!("5.7.0")];
    assert_eq!(first, expected, "{log}");
    assert_eq!((&log[1]["sender"], &log[1]["step"]), (&json!("spare"), &Value::Null));
    let failing = state_of(&owner, "main").await;
    assert_eq!(failing["state"], "failing", "at once: {failing}");
    assert!(failing["lastError"].as_str().unwrap().contains("log in first"));

    // It is passed over, and tried at one, six and twenty-one minutes without a mail.
    let connections = main.count("EHLO");
    ask(&tenant, "c@example.com").await;
    app.work().await;
    assert_eq!((main.count("EHLO"), codes(&spare)), (connections, 2));
    main.answer("GREETING", "554 not today");
    app.advance(61);
    app.work().await;
    assert_eq!(state_of(&owner, "main").await["state"], "failing");
    main.heal();
    app.advance(200);
    app.work().await;
    let early = state_of(&owner, "main").await;
    assert_eq!(early["state"], "failing", "not before its time");
    app.advance(101);
    app.work().await;
    let well = state_of(&owner, "main").await;
    assert_eq!(
        (&well["state"], &well["failures"], &well["probeAt"]),
        (&json!("active"), &json!(0), &Value::Null)
    );
    ask(&tenant, "d@example.com").await;
    app.work().await;
    assert_eq!((codes(&main), codes(&spare)), (2, 2));
}

#[tokio::test]
async fn five_faults_in_a_row_and_a_sender_is_passed_over_until_somebody_says_otherwise() {
    let (main, spare) = (Relay::start().await, Relay::start().await);
    let app = start(&[&main, &spare]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, &sender_at("main", main.port)).await;
    make(&owner, &sender_at("spare", spare.port)).await;
    for (number, fault) in ["HTTP/1.1 400 Bad Request", CLOSE, "554 go away", CLOSE, "220-x"]
        .into_iter()
        .enumerate()
    {
        assert_eq!(state_of(&owner, "main").await["failures"], number);
        assert_eq!(state_of(&owner, "main").await["state"], "active");
        main.answer("GREETING", fault);
        if fault == "220-x" {
            main.answer("GREETING", &format!("220 {}", "x".repeat(1_000_000)));
        }
        ask(&tenant, &format!("user-{number}@example.com")).await;
        app.work().await;
        assert_eq!(codes(&spare), number + 1, "{fault}");
    }
    let failing = state_of(&owner, "main").await;
    assert_eq!(
        (&failing["state"], &failing["failures"]),
        (&json!("failing"), &json!(5))
    );
    let error = failing["lastError"].as_str().unwrap();
    assert!(error.contains("too long") && error.len() < 700, "{error}");
    main.heal();
    let resumed = owner
        .post(&format!("{SENDERS}/main/resume"), &json!({}))
        .await
        .expect(200);
    assert_eq!(resumed["status"]["state"], "active");
    ask(&tenant, "last@example.com").await;
    app.work().await;
    assert_eq!(codes(&main), 1);
}

#[tokio::test]
async fn a_relay_that_greylists_is_asked_again_and_no_other_one_is() {
    let (main, spare) = (Relay::start().await, Relay::start().await);
    let app = start(&[&main, &spare]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, &sender_at("spare", spare.port)).await;
    make(&owner, &sender_at("main", main.port)).await;
    let order = format!("{SENDERS}/-/order");
    owner
        .put(&order, &json!({ "names": ["main", "spare"] }))
        .await
        .expect(200);
    main.answer("RCPT", "451 4.7.1 greylisted, come back");
    ask(&tenant, "a@example.com").await;
    for wait in [2, 10] {
        app.work().await;
        let message = last_message(&owner).await;
        assert_eq!(message["status"]["state"], "deferred", "{message}");
        assert!(message["status"]["nextAt"].is_string());
        app.advance(wait);
    }
    // Also where another one is the first by now.
    owner
        .put(&order, &json!({ "names": ["spare", "main"] }))
        .await
        .expect(200);
    main.heal();
    app.work().await;
    assert_eq!((codes(&main), codes(&spare)), (1, 0));
    let message = last_message(&owner).await;
    let name = message["metadata"]["name"].as_str().unwrap();
    assert!(header(&main.taken()[0], "Message-ID").contains(name));
    assert_eq!(message["status"]["attempts"], 3);
    assert_eq!(state_of(&owner, "main").await["failures"], 0, "it is nobody's fault");
}

#[tokio::test]
async fn what_an_address_or_a_message_is_to_blame_for_no_other_relay_is_asked() {
    let (main, spare) = (Relay::start().await, Relay::start().await);
    let app = start(&[&main, &spare]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, &sender_at("main", main.port)).await;
    make(&owner, &sender_at("spare", spare.port)).await;
    for (number, (step, answer)) in [
        ("RCPT", "550 5.1.1 no such user"),
        ("RCPT", "552 5.2.2 mailbox full"),
        ("DATA", "552 5.3.4 too large"),
        ("DOT", "554 5.6.0 not like this"),
    ]
    .into_iter()
    .enumerate()
    {
        main.heal();
        main.answer(step, answer);
        ask(&tenant, &format!("user-{number}@example.com")).await;
        app.work().await;
        let message = last_message(&owner).await;
        assert_eq!(message["status"]["state"], "failed", "{answer}");
        assert_eq!(message["status"]["lastError"], answer);
    }
    assert_eq!(spare.count("EHLO"), 0);
    assert_eq!(state_of(&owner, "main").await["state"], "active");
}

#[tokio::test]
async fn a_connection_lost_after_all_was_said_is_tried_again_under_the_same_id() {
    let (main, spare) = (Relay::start().await, Relay::start().await);
    let app = start(&[&main, &spare]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, &sender_at("main", main.port)).await;
    make(&owner, &sender_at("spare", spare.port)).await;
    main.answer("DOT", CLOSE);
    ask(&tenant, "a@example.com").await;
    app.work().await;
    let message = last_message(&owner).await;
    assert_eq!((&message["status"]["state"], codes(&spare)), (&json!("deferred"), 0));
    let log = &message["status"]["log"][0];
    assert_eq!(log["step"], "accepted");
    assert!(
        log["answer"].as_str().unwrap().contains("may have been delivered"),
        "{log}"
    );
    main.heal();
    app.advance(3);
    app.work().await;
    let id = header(&main.taken()[0], "Message-ID");
    assert!(id.contains(message["metadata"]["name"].as_str().unwrap()), "{id}");
}

#[tokio::test]
async fn a_message_waits_for_its_turn_and_no_code_is_made_before_that() {
    let main = Relay::start().await;
    let app = start(&[&main]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let mut paced = sender_at("main", main.port);
    paced["spec"]["perMinute"] = 2.into();
    make(&owner, &paced).await;
    for number in 0..6 {
        ask(&tenant, &format!("user-{number}@example.com")).await;
    }
    app.work().await;
    assert_eq!(codes(&main), 2, "two a minute");
    let minted = "select count(*) from verification where link_hash is not null";
    assert_eq!(app.count(minted).await, 2, "no code is made that is not sent");
    let list = owner
        .get(&format!("{MESSAGES}?fieldSelector=status.state=queued"))
        .await
        .expect(200);
    assert_eq!(list["total"], 4);
    let waiting = &list["items"][0]["status"];
    assert!(waiting["nextAt"].is_string() && waiting["attempts"] == 0, "{waiting}");
    for minute in 2..=3 {
        app.advance(61);
        app.work().await;
        assert_eq!(codes(&main), 2 * minute);
    }
}

#[tokio::test]
async fn a_relay_that_hangs_holds_up_no_other_tenant() {
    let (slow, fast) = (Relay::start().await, Relay::start().await);
    let mut app = start(&[&slow, &fast]).await;
    app.abandon_jobs();
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    make(&a.owner().await, &sender_at("main", slow.port)).await;
    make(&b.owner().await, &sender_at("main", fast.port)).await;
    slow.answer("MAIL", HANG);
    ask(&b, "b@example.com").await;
    app.work().await;
    assert_eq!((codes(&slow), codes(&fast)), (0, 1), "each by its own");
    ask(&a, "a@example.com").await;
    let jobs = tenantry::worker::jobs(&app.app);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = app.app.work(&jobs, async { drop(stopped.await) });
    let others = async {
        while slow.count("MAIL") == 0 {
            tokio::task::yield_now().await;
        }
        ask(&b, "c@example.com").await;
        while codes(&fast) < 2 {
            tokio::task::yield_now().await;
        }
        drop(stop);
    };
    tokio::join!(worker, others);
}

#[tokio::test]
async fn without_a_sender_that_works_mail_waits_and_goes_by_the_instance_only_if_it_may() {
    let (own, instance) = (Relay::start().await, Relay::start().await);
    let (port, url) = (own.port, format!("smtp://127.0.0.1:{}", instance.port));
    let mut app = TestApp::start_with(|config| {
        config.smtp_ports = vec![port];
        config.smtp_url = Some(url);
        config.mail_from = Some("no-reply@id.example".to_owned());
        config.mail_instance_per_day = 2;
    })
    .await;
    // What exceeds a bound waits.
    app.abandon_jobs();
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    ask(&tenant, "a@example.com").await;
    app.work().await;
    let mail = instance.taken().remove(0);
    // `acme (via Tenantry)`, encoded for its brackets.
    let from = "=?utf-8?b?YWNtZSAodmlhIFRlbmFudHJ5KQ==?= <no-reply@id.example>";
    assert_eq!(header(&mail, "From"), from);
    make(&owner, &sender_at("main", own.port)).await;
    own.answer("MAIL", "535 5.7.8 no");
    ask(&tenant, "b@example.com").await;
    app.work().await;
    assert_eq!(codes(&instance), 2, "the instance is the last resort");
    assert_eq!(last_message(&owner).await["status"]["sender"], Value::Null);

    let policy = "/apis/console/v1alpha1/policies/mail";
    let off = json!({ "spec": { "useInstanceSender": false } });
    owner.put(policy, &off).await.expect(200);
    ask(&tenant, "c@example.com").await;
    app.work().await;
    let waiting = last_message(&owner).await;
    assert_eq!(
        (&waiting["status"]["state"], &waiting["status"]["attempts"]),
        (&json!("queued"), &json!(0))
    );
    own.heal();
    change(&owner, "main", json!({ "perMinute": 30, "enabled": false }))
        .await
        .expect(200);
    change(&owner, "main", json!({ "enabled": true })).await.expect(200);
    app.advance(63);
    app.work().await;
    assert_eq!((codes(&own), codes(&instance)), (1, 2));

    // Two a day are all that the instance takes of one tenant.
    let on = json!({ "spec": { "useInstanceSender": true } });
    owner.put(policy, &on).await.expect(200);
    change(&owner, "main", json!({ "enabled": false })).await.expect(200);
    ask(&tenant, "d@example.com").await;
    app.work().await;
    assert_eq!(codes(&instance), 2);
    ask(&app.default_tenant(), "e@example.com").await;
    app.work().await;
    assert_eq!(
        codes(&instance),
        3,
        "the control: the operator's own tenant has no such bound"
    );
}

#[tokio::test]
async fn an_instance_that_does_not_share_its_relay_keeps_the_mail_of_tenants_without_one() {
    let instance = Relay::start().await;
    let url = format!("smtp://127.0.0.1:{}", instance.port);
    let app = TestApp::start_with(|config| {
        config.smtp_url = Some(url);
        config.mail_shared = false;
    })
    .await;
    let tenant = app.tenant("acme").await;
    ask(&tenant, "a@example.com").await;
    ask(&app.default_tenant(), "b@example.com").await;
    app.work().await;
    assert_eq!(codes(&instance), 1);
    let kept = last_message(&tenant.owner().await).await;
    assert_eq!(kept["status"]["state"], "kept");
    code_in(kept["spec"]["text"].as_str().unwrap());
}

#[tokio::test]
async fn a_message_that_waits_is_cancelled_with_its_code_and_one_that_left_is_not() {
    let relay = Relay::start().await;
    let app = start(&[&relay]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, &sender_at("main", relay.port)).await;
    ask(&tenant, "a@example.com").await;
    let name = last_message(&owner).await["metadata"]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let cancel = format!("{MESSAGES}/{name}/cancel");
    let cancelled = owner.post(&cancel, &json!({})).await.expect(200);
    let status = ["state", "cancelledBy"].map(|field| cancelled["status"][field].clone());
    assert_eq!(status, [json!("cancelled"), json!("admin")]);
    owner
        .post(&cancel, &json!({}))
        .await
        .expect_problem(409, "message_under_way");
    app.work().await;
    assert_eq!(relay.count("EHLO"), 0);
    assert_eq!(last_message(&owner).await["status"]["state"], "cancelled");
    assert_eq!(
        app.count("select count(*) from verification where ended_at is not null")
            .await,
        1
    );

    ask(&tenant, "b@example.com").await;
    app.work().await;
    assert_eq!(codes(&relay), 1, "the control: one that nobody cancels");
    let name = last_message(&owner).await["metadata"]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let late = owner.post(&format!("{MESSAGES}/{name}/cancel"), &json!({})).await;
    late.expect_problem(409, "message_under_way");
}
