//! Over a real SMTP server.

use crate::support::{TestApp, code_in, free_port, smtp::Sink};
use serde_json::{Value, json};

const MESSAGES: &str = "/apis/console/v1alpha1/messages";

async fn start(url: String) -> TestApp {
    TestApp::start_with(|config| {
        config.smtp_url = Some(url);
        config.mail_from = Some("no-reply@id.example".to_owned());
    })
    .await
}

async fn only_message(app: &TestApp) -> Value {
    let owner = app.default_tenant().owner().await;
    let list = owner.get(MESSAGES).await.expect(200);
    assert_eq!(list["total"], 1);
    let name = list["items"][0]["metadata"]["name"].as_str().unwrap().to_owned();
    owner.get(&format!("{MESSAGES}/{name}")).await.expect(200)
}

#[tokio::test]
async fn a_message_leaves_by_smtp_and_only_its_delivery_is_kept() {
    let mut sink = Sink::start(0, &[]);
    let app = start(sink.url()).await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;

    app.work().await;
    let mail = sink.next();

    assert_eq!(
        (&mail["from"], &mail["to"]),
        (&json!("no-reply@id.example"), &json!(["ada@example.com"]))
    );
    let headers = &mail["headers"];
    assert_eq!(headers["Subject"], "Your verification code for Tenantry");
    assert_eq!(headers["From"], "Tenantry <no-reply@id.example>");
    assert_eq!(headers["Auto-Submitted"], "auto-generated");
    let code = code_in(mail["text"].as_str().unwrap());
    assert!(mail["html"].as_str().unwrap().contains(&code));
    let message = only_message(&app).await;
    assert_eq!(message["status"]["state"], "sent");
    assert_eq!(
        headers["Message-ID"],
        format!("<{}@id.example>", message["metadata"]["name"].as_str().unwrap())
    );
    assert_eq!(
        (&message["spec"]["text"], &message["spec"]["html"]),
        (&Value::Null, &Value::Null)
    );
    ada.post("/auth/v1/users/me/email/_verify", &json!({ "code": code }))
        .await
        .expect(200);
}

#[tokio::test]
async fn whatever_address_is_taken_reaches_the_relay_whole_and_alone() {
    let mut sink = Sink::start(0, &[]);
    let app = start(sink.url()).await;
    let domain = format!("{}.{}.{}.example.com", "b".repeat(63), "c".repeat(63), "d".repeat(48));
    let longest = format!("{}@{domain}", "a".repeat(64));
    for (given, mailed) in [
        ("Ada.Lovelace+news@Example.COM", "Ada.Lovelace+news@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("!#$%&*/=?^_`{|}~-@example.com", "!#$%&*/=?^_`{|}~-@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        (&longest, &longest),
    ] {
        let ask = json!({ "email": given, "purpose": "register" });
        let anybody = app.default_tenant().anybody();
        anybody.post("/v1/email/send-verification", &ask).await.expect(200);
        app.work().await;
        let mail = sink.next();
        assert_eq!(mail["to"], json!([mailed]));
        assert_eq!(mail["headers"]["To"].as_str().unwrap().trim(), mailed);
        for header in ["Cc", "Bcc"] {
            assert_eq!(mail["headers"][header], Value::Null, "{given}");
        }
    }
    assert_eq!(sink.stop(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_relay_that_is_down_is_tried_again_until_it_is_up() {
    let port = free_port();
    let app = start(format!("smtp://127.0.0.1:{port}")).await;
    app.default_tenant().sign_up("ada").await;

    assert_eq!(app.work().await, 1);
    assert_eq!(app.work().await, 0, "not before its time");
    let message = only_message(&app).await;
    assert_eq!(
        (&message["status"]["state"], &message["status"]["attempts"]),
        (&json!("deferred"), &json!(1))
    );
    assert!(
        message["status"]["lastError"]
            .as_str()
            .unwrap()
            .to_lowercase()
            .contains("connection"),
        "{message}"
    );

    let mut sink = Sink::start(port, &[]);
    app.advance(3);
    app.work().await;
    assert_eq!(sink.next()["to"], json!(["ada@example.com"]));
    let message = only_message(&app).await;
    assert_eq!(
        (&message["status"]["state"], &message["status"]["attempts"]),
        (&json!("sent"), &json!(2))
    );
    assert_eq!(sink.stop(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_message_that_is_put_off_keeps_its_id_and_its_last_code_is_good() {
    let mut sink = Sink::start(0, &["--fail-first", "2"]);
    let app = start(sink.url()).await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;

    for wait in [2, 10, 30] {
        app.work().await;
        app.advance(wait);
    }

    let mail = sink.next();
    let code = code_in(mail["text"].as_str().unwrap());
    ada.post("/auth/v1/users/me/email/_verify", &json!({ "code": code }))
        .await
        .expect(200);
    let message = only_message(&app).await;
    assert_eq!(
        (&message["status"]["state"], &message["status"]["attempts"]),
        (&json!("sent"), &json!(3))
    );
    assert_eq!(sink.stop(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_message_the_relay_refuses_for_good_has_failed() {
    let sink = Sink::start(0, &["--reject"]);
    let app = start(sink.url()).await;
    app.default_tenant().sign_up("ada").await;

    app.work().await;

    let message = only_message(&app).await;
    assert_eq!(
        (&message["status"]["state"], &message["status"]["attempts"]),
        (&json!("failed"), &json!(1))
    );
    assert!(
        message["status"]["lastError"].as_str().unwrap().contains("5.7.1"),
        "{message}"
    );
    app.advance(7 * 24 * 3600);
    assert_eq!(app.work().await, 0);
}

#[tokio::test]
async fn a_code_that_nobody_waits_for_any_more_is_not_sent() {
    let sink = Sink::start(0, &["--fail-first", "1"]);
    let app = start(sink.url()).await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    app.advance(61);

    ada.post("/auth/v1/users/me/email/_resend_verification", &json!({}))
        .await
        .expect(200);
    app.work().await;

    let list = tenant.owner().await.get(MESSAGES).await.expect(200);
    let states: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["status"]["state"].clone())
        .collect();
    assert_eq!(states, ["sent", "dropped"], "the newest first");
    assert_eq!(sink.stop().len(), 1);
}

#[tokio::test]
async fn the_api_answers_while_the_relay_hangs() {
    let black_hole = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut app = start(format!("smtp://{}", black_hole.local_addr().unwrap())).await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;

    let work = app.work();
    tokio::pin!(work);
    tokio::select! {
        _ = &mut work => panic!("the relay never answers"),
        _ = tenant.sign_up("bob") => {}
    }
}
