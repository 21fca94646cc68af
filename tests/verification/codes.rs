//! Codes: how often they are sent, how often they may be tried, how long they are good.

use crate::support::{TestApp, wrong};
use serde_json::{Value, json};

fn ask(address: &str) -> Value {
    json!({ "email": address, "purpose": "register" })
}

const SEND: &str = "/v1/email/send-verification";
const VERIFY: &str = "/v1/email/verify";

#[tokio::test]
async fn a_code_is_good_for_five_tries_however_they_come() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let sent = anybody.post(SEND, &ask("ada@example.com")).await.expect(200);
    let code = tenant.code_to("ada@example.com").await;
    let bad = json!({ "verificationId": sent["verificationId"], "code": wrong(&code) });

    let guesses = (0..100).map(|_| anybody.post(VERIFY, &bad));
    let (mut wrong, mut refused) = (0, 0);
    for answer in futures_util::future::join_all(guesses).await {
        if answer.status == 429 {
            answer.expect_problem(429, "too_many_attempts");
            refused += 1;
        } else {
            answer.expect_problem(400, "code_invalid");
            wrong += 1;
        }
    }
    assert_eq!((wrong, refused), (10, 90), "an address has ten wrong tries a day");
    app.advance(24 * 3600 + 1);
    anybody.post(SEND, &ask("ada@example.com")).await.expect(200);
    let code = tenant.code_to("ada@example.com").await;
    for _ in 0..5 {
        let bad = json!({ "email": "ada@example.com", "purpose": "register", "code": self::wrong(&code) });
        anybody.post(VERIFY, &bad).await.expect_problem(400, "code_invalid");
    }
    let right = json!({ "email": "ada@example.com", "purpose": "register", "code": code });
    anybody.post(VERIFY, &right).await.expect_problem(400, "code_invalid");
}

#[tokio::test]
async fn the_fifth_try_may_still_be_right() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let sent = anybody.post(SEND, &ask("ada@example.com")).await.expect(200);
    let code = tenant.code_to("ada@example.com").await;

    for _ in 0..4 {
        let bad = json!({ "verificationId": sent["verificationId"], "code": wrong(&code) });
        anybody.post(VERIFY, &bad).await.expect_problem(400, "code_invalid");
    }
    let right = json!({ "verificationId": sent["verificationId"], "code": format!(" {} {}", &code[..3], &code[3..]) });
    anybody.post(VERIFY, &right).await.expect(200);
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let sent = anybody.post(SEND, &ask("ada@example.com")).await.expect(200);
    let given = json!({ "verificationId": sent["verificationId"], "code": tenant.code_to("ada@example.com").await });

    app.advance(599);
    anybody.post(VERIFY, &given).await.expect(200);
    app.advance(2);
    anybody.post(VERIFY, &given).await.expect_problem(400, "code_invalid");
}

#[tokio::test]
async fn a_new_code_ends_the_one_before() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let first = anybody.post(SEND, &ask("ada@example.com")).await.expect(200);
    let first_code = tenant.code_to("ada@example.com").await;
    app.advance(61);
    let second = anybody.post(SEND, &ask("ada@example.com")).await.expect(200);
    let second_code = tenant.code_to("ada@example.com").await;

    let old = json!({ "verificationId": first["verificationId"], "code": first_code });
    anybody.post(VERIFY, &old).await.expect_problem(400, "code_invalid");
    let new = json!({ "verificationId": second["verificationId"], "code": second_code });
    anybody.post(VERIFY, &new).await.expect(200);
}

#[tokio::test]
async fn another_code_can_be_asked_for_after_a_minute() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    anybody.post(SEND, &ask("ada@example.com")).await.expect(200);

    app.advance(30);
    let refused = anybody.post(SEND, &ask("ADA@example.com")).await;
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((29..=30).contains(&wait), "{wait}");
    refused.expect_problem(429, "too_many_codes");
    anybody.post(SEND, &ask("bob@example.com")).await.expect(200);
    app.advance(wait);
    anybody.post(SEND, &ask("ada@example.com")).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn an_address_gets_five_codes_in_ten_minutes_and_twenty_a_day() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let mut sent = 0;
    let mut waited = 0;

    while waited < 23 * 3600 {
        let answer = anybody.post(SEND, &ask("ada@example.com")).await;
        if answer.status == 200 {
            sent += 1;
            app.work().await;
            app.advance(61);
            waited += 61;
        } else {
            let wait: i64 = answer.header("retry-after").parse().unwrap();
            answer.expect_problem(429, "too_many_codes");
            let expected = if sent < 20 {
                sent % 5 == 0 && wait <= 600
            } else {
                wait <= 86_400
            };
            assert!(expected, "after {sent} codes told to wait {wait} s");
            app.advance(wait);
            waited += wait;
        }
    }

    assert_eq!(sent, 20);
}

#[tokio::test]
async fn an_account_gets_no_more_codes_by_changing_the_address() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;

    for n in 0..4 {
        let to = json!({ "email": format!("ada{n}@example.com") });
        ada.put("/auth/v1/users/me/email", &to).await.expect(200);
    }
    let sixth = json!({ "email": "ada5@example.com" });
    ada.put("/auth/v1/users/me/email", &sixth)
        .await
        .expect_problem(429, "too_many_codes");

    let email = ada.get("/auth/v1/users/me/email").await.expect(200);
    assert_eq!(
        email["email"]["pendingEmail"], "ada3@example.com",
        "a refused request changes nothing"
    );
    app.work().await;
}

#[tokio::test]
async fn parallel_requests_send_one_code() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();

    let body = ask("ada@example.com");
    let requests = (0..20).map(|_| anybody.post(SEND, &body));
    let answers = futures_util::future::join_all(requests).await;

    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(tenant.mail_to("ada@example.com").await.len(), 1);
}

#[tokio::test]
async fn a_code_for_one_thing_is_no_good_for_another() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    let bob = tenant.sign_up("bob").await;
    let code = tenant.code_to("ada@example.com").await;

    let by_bob = json!({ "code": code });
    bob.post("/auth/v1/users/me/email/_verify", &by_bob)
        .await
        .expect_problem(400, "code_invalid");
    let to_register = json!({ "email": "ada@example.com", "code": code, "purpose": "register" });
    anybody
        .post(VERIFY, &to_register)
        .await
        .expect_problem(400, "code_invalid");

    ada.post("/auth/v1/users/me/email/_verify", &by_bob).await.expect(200);
}

#[tokio::test]
async fn codes_and_tokens_are_not_in_the_database_in_clear() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    let code = tenant.code_to("ada@example.com").await;
    let secrets = [
        code.as_str(),
        crate::support::PASSWORD,
        ada.tokens["refreshToken"].as_str().unwrap(),
        ada.tokens["accessToken"].as_str().unwrap(),
    ];

    let dump = app.dump().await;
    assert!(
        dump.contains("ada@example.com"),
        "the control: what is not secret is found"
    );
    for secret in secrets {
        // A six-digit code may be part of a number that has nothing to do with it.
        let is_there = dump
            .split(|c: char| !c.is_alphanumeric() && !"-_ .".contains(c))
            .any(|word| word == secret);
        assert!(!is_there, "{secret} is in the database");
    }
}
