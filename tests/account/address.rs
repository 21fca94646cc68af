//! Another address: proven first, told to the one before.

use crate::support::{Mail, PASSWORD, Person, TestApp, tells_code};
use futures_util::future::join_all;
use serde_json::{Value, json};

const EMAIL: &str = "/auth/v1/users/me/email";
const CHANGED: &str = "The address of your account at Tenantry was changed";

async fn present(person: &Person<'_>) -> Value {
    person.get(EMAIL).await.expect(200)["email"].clone()
}

/// Moves somebody to another address with its proof, and answers what the one before is told.
pub(crate) async fn change(person: &Person<'_>, from: &str, to: &str) -> Mail {
    // The address may have been asked for a moment ago.
    person.tenant.app.advance(61);
    person.put(EMAIL, &json!({ "email": to })).await.expect(200);
    let given = json!({ "code": person.tenant.code_to(to).await });
    person.post(&format!("{EMAIL}/_verify"), &given).await.expect(200);
    let told = person.tenant.mail_to(from).await.swap_remove(0);
    let (before, after) = CHANGED.split_once("Tenantry").unwrap();
    assert!(told.subject().starts_with(before) && told.subject().ends_with(after));
    told
}

#[tokio::test]
async fn a_change_is_proven_first_and_told_to_the_address_before_in_every_group() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let mut from = "ada@example.com".to_owned();
    for (number, (ask, verify)) in [
        ("/api/email-reset/request-change", "/api/email-reset/verify"),
        (
            "/apis/console/v1alpha1/users/-/send-email-verification-code",
            "/apis/console/v1alpha1/users/-/verify-email",
        ),
        ("/v1/email/send-verification", "/v1/email/verify"),
        ("/v1/email/send-verification", "/api/auth/email/verify/code"),
    ]
    .iter()
    .enumerate()
    {
        app.advance(601);
        let ada = {
            let mut again = ada.clone();
            again.tokens = tenant.sign_in("ada").await.tokens;
            again
        };
        let to = format!("next{number}@example.com");
        let asked = match ask.starts_with("/v1/") {
            true => json!({ "email": to, "purpose": "change_email" }),
            false => json!({ "email": to }),
        };
        ada.post(ask, &asked).await.expect(200);
        let waiting = json!({ "email": from, "isEmailVerified": true, "pendingEmail": to });
        assert_eq!(present(&ada).await, waiting, "{ask}");
        tenant.sign_in(&from).await;

        let mail = tenant.mail_to(&to).await.swap_remove(0);
        let given = match verify.starts_with("/apis/") {
            true => json!({ "code": mail.code(), "password": PASSWORD }),
            false => json!({ "email": to, "purpose": "change_email", "code": mail.code() }),
        };
        ada.post(verify, &given).await.expect(200);
        assert_eq!(
            present(&ada).await,
            json!({ "email": to, "isEmailVerified": true }),
            "{verify}"
        );
        let told = tenant.mail_to(&from).await.swap_remove(0);
        assert_eq!(told.subject(), CHANGED);
        assert!(
            !told.text().contains(&to),
            "who has the old mailbox need not know the new one"
        );
        tenant.sign_in(&to).await;
        from = to;
    }
}

#[tokio::test]
async fn an_address_nobody_proved_is_told_nothing_when_another_takes_its_place() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    ada.put(EMAIL, &json!({ "email": "next@example.com" }))
        .await
        .expect(200);
    let given = json!({ "code": tenant.code_to("next@example.com").await });
    ada.post(&format!("{EMAIL}/_verify"), &given).await.expect(200);
    assert_eq!(
        tenant.mail_to("ada@example.com").await.len(),
        1,
        "the code of the sign-up"
    );
}

#[tokio::test]
async fn a_second_change_drops_the_first_and_its_code() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    ada.put(EMAIL, &json!({ "email": "first@example.com" }))
        .await
        .expect(200);
    let first = tenant.mail_to("first@example.com").await.swap_remove(0);
    ada.put(EMAIL, &json!({ "email": "second@example.com" }))
        .await
        .expect(200);
    let second = tenant.mail_to("second@example.com").await.swap_remove(0);

    for secret in [first.code(), first.token()] {
        let given = json!({ "code": secret });
        let late = ada.post(&format!("{EMAIL}/_verify"), &given).await;
        late.expect_problem(400, "code_invalid");
    }
    let given = json!({ "code": second.token() });
    ada.post(&format!("{EMAIL}/_verify"), &given).await.expect(200);
    assert_eq!(present(&ada).await["email"], "second@example.com");
    app.work().await;
}

#[tokio::test]
async fn an_address_somebody_else_has_proven_is_never_taken_and_only_its_owner_is_told() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up_proven("bob").await;
    let ada = tenant.sign_up_proven("ada").await;
    app.advance(61);
    ada.put(EMAIL, &json!({ "email": "bob@example.com" })).await.expect(200);
    let mail = tenant.mail_to("bob@example.com").await.swap_remove(0);
    assert_eq!(mail.subject(), "You already have an account at Tenantry");
    assert!(!mail.text().contains("token="), "{}", mail.text());
    assert_eq!(present(&ada).await["email"], "ada@example.com");
    assert_eq!(
        tenant.sign_in("bob@example.com").await.tokens["user"]["username"],
        "bob"
    );
}

#[tokio::test]
async fn no_answer_and_no_header_has_a_code_or_a_link_in_it() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    app.advance(61);
    let asks = [
        (
            "/v1/password/reset",
            json!({ "email": "ada@example.com" }),
            "ada@example.com",
        ),
        (
            "/api/email-reset/request-change",
            json!({ "email": "b@example.com" }),
            "b@example.com",
        ),
        (
            "/v1/email/send-verification",
            json!({ "email": "c@example.com", "purpose": "register" }),
            "c@example.com",
        ),
    ];
    for (path, body, to) in asks {
        let reply = ada.post(path, &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let mail = tenant.mail_to(to).await.swap_remove(0);
        let said = format!("{:?} {}", reply.headers, reply.text);
        assert!(tells_code(mail.text(), &mail.code()), "the control: the mail tells it");
        assert!(!tells_code(&said, &mail.code()), "{path}: {said}");
        assert!(!said.contains(&mail.token()), "{path}: {said}");
    }
}

#[tokio::test]
async fn a_link_leads_to_the_configured_address_whatever_the_request_says() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up_proven("ada").await;
    let lies = [
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "6666"),
        ("x-forwarded-prefix", "/evil.test"),
        ("x-original-host", "evil.test"),
        ("forwarded", "host=evil.test;proto=https"),
        ("host", "evil.test"),
        ("origin", "https://evil.test"),
        ("referer", "https://evil.test/"),
    ];
    let anybody = tenant.anybody();
    for (name, value) in lies {
        app.advance(601);
        let request = anybody.request(reqwest::Method::POST, "/v1/password/reset");
        let request = request.header(name, value).json(&json!({ "email": "ada@example.com" }));
        anybody.send(request).await.expect(200);
        let mail = tenant.mail_to("ada@example.com").await.swap_remove(0);
        let link = format!("{}/login/reset?token={}", app.base, mail.token());
        let lines: Vec<_> = mail.text().lines().map(str::trim).collect();
        assert!(lines.contains(&link.as_str()), "{name}: {lines:?}");
        let html = mail.0["spec"]["html"].as_str().unwrap_or_default();
        let is_led_away = |text: &str| text.contains("evil.test");
        assert!(!is_led_away(mail.text()) && !is_led_away(html), "{name}");
    }
}

#[tokio::test]
async fn the_audit_trail_tells_what_became_of_an_address() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let told = change(&ada, "ada@example.com", "next@example.com").await;
    super::undo::undo(&tenant, &told).await;

    let owner = tenant.owner().await;
    let events = owner
        .get("/apis/console/v1alpha1/audit-events?size=50")
        .await
        .expect(200);
    let of_address = |event: &Value| {
        let changes = event["changes"].as_array().unwrap().iter();
        let change = changes.into_iter().find(|change| change["kind"] == "email").cloned();
        change.map(|change| json!([event["object"], change["name"], change["before"], change["after"]]))
    };
    let found: Vec<_> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(of_address)
        .collect();

    let [undone, proven, asked, signed_up] = &found[..] else {
        panic!("{found:#?}");
    };
    assert_eq!(
        (&signed_up[2], &signed_up[3]),
        (&json!({ "emailVerified": false }), &json!({ "emailVerified": true }))
    );
    assert_eq!(
        (&asked[2], &asked[3]),
        (
            &json!({ "pendingEmail": null }),
            &json!({ "pendingEmail": "next@example.com" })
        )
    );
    let before = json!({ "email": "ada@example.com", "pendingEmail": "next@example.com" });
    assert_eq!(
        (&proven[2], &proven[3]),
        (&before, &json!({ "email": "next@example.com", "pendingEmail": null }))
    );
    let before = json!({ "email": "next@example.com" });
    assert_eq!(
        (&undone[2], &undone[3]),
        (&before, &json!({ "email": "ada@example.com" }))
    );
    assert!(found.iter().all(|change| change[1] == "ada"), "{found:#?}");
    app.work().await;
}

#[tokio::test]
async fn of_many_changes_at_once_one_waits_and_none_fails() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let addresses: Vec<_> = (0..4)
        .map(|n| json!({ "email": format!("ada{n}@example.com") }))
        .collect();

    let answers = join_all(addresses.iter().map(|address| ada.put(EMAIL, address))).await;

    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let pending = app.count("select count(*) from email where not is_primary").await;
    assert_eq!(pending, 1);
    app.work().await;
}
