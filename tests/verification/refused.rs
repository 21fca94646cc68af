//! Codes and links that are none, or not for this: as numbers, used, foreign, of another kind.

use crate::support::{PASSWORD, Person, Reply, Tenant, TestApp, wrong};
use serde_json::{Value, json};

const ADA: &str = "ada@example.com";
const NEW: &str = "a quite other staple";
const LIMITS: &str = "/apis/console/v1alpha1/policies/limits";

/// Lets the owner's tenant send as many codes as it is asked for.
async fn send_freely(owner: &Person<'_>) {
    let mut spec = owner.get(LIMITS).await.expect(200)["spec"].take();
    for limit in [
        "codePause",
        "codeAddress",
        "codeAddressLong",
        "codeNetwork",
        "tryAddress",
        "tryNetwork",
    ] {
        spec[limit] = json!({ "most": 1_000_000, "seconds": 60 });
    }
    owner.put(LIMITS, &json!({ "spec": spec })).await.expect(200);
}

#[tokio::test]
async fn a_code_that_comes_as_a_number_gets_its_zeros_back() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    send_freely(&owner).await;
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    let mut has_zero = false;
    // One of ten codes begins with a zero.
    for number in 0..400 {
        let next = json!({ "email": format!("ada{number}@example.com") });
        ada.post("/api/email-reset/request-change", &next).await.expect(200);
        app.work().await;
        let code = owner.inbox(next["email"].as_str().unwrap()).await[0].code();
        let digits: u32 = code.parse().unwrap();
        has_zero = digits < 100_000;
        if number > 0 && !has_zero {
            continue;
        }
        for bad in [
            json!(f64::from(digits) + 0.5),
            json!(-1),
            json!(1_000_000),
            json!([digits]),
            json!(true),
        ] {
            let refused = ada.post("/api/email-reset/verify", &json!({ "code": bad })).await;
            refused.expect_problem(400, "invalid");
        }
        ada.post("/api/email-reset/verify", &json!({ "code": digits }))
            .await
            .expect(200);
        if has_zero {
            break;
        }
    }
    assert!(has_zero);
    app.work().await;
}

#[tokio::test]
async fn a_code_is_text_in_the_gateway() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    for (path, mut body) in [
        ("/v1/email/verify", json!({ "email": ADA })),
        (
            "/v1/password/confirm-reset",
            json!({ "email": ADA, "newPassword": NEW }),
        ),
    ] {
        for code in [
            json!(123_456),
            json!(null),
            json!(""),
            json!("x".repeat(201)),
            json!(["123456"]),
        ] {
            body["code"] = code.clone();
            let refused = tenant.anybody().post(path, &body).await;
            crate::contract::bad_input::check_field(&format!("{path} {code}"), &refused, "code");
        }
        body["code"] = json!("123456");
        let refused = tenant.anybody().post(path, &body).await;
        refused.expect_problem(400, "code_invalid");
    }
}

/// The answers to a code given as each thing it could be meant for.
async fn give_everywhere(tenant: &Tenant<'_>, code: &str, but: &str) -> Vec<(&'static str, Reply)> {
    let anybody = tenant.anybody();
    let verify = |purpose: &str| json!({ "email": ADA, "purpose": purpose, "code": code });
    let acts = [
        ("register", "/v1/email/verify", verify("register")),
        ("verify_email", "/v1/email/verify", verify("verify_email")),
        ("reset_password", "/v1/email/verify", verify("reset_password")),
        (
            "register",
            "/v1/register",
            json!({ "username": "eve", "email": ADA, "password": PASSWORD, "code": code }),
        ),
        (
            "reset_password",
            "/v1/password/confirm-reset",
            json!({ "email": ADA, "code": code, "newPassword": NEW }),
        ),
        (
            "reset_password",
            "/api/auth/reset-password",
            json!({ "email": ADA, "token": code, "password": NEW, "confirmPassword": NEW }),
        ),
        (
            "reset_password",
            "/api/auth/reset-password",
            json!({ "token": code, "password": NEW, "confirmPassword": NEW }),
        ),
        (
            "verify_email",
            "/api/auth/email/verify/code",
            json!({ "email": ADA, "code": code }),
        ),
        (
            "reset_password",
            "/api/user/reset",
            json!({ "email": ADA, "token": code }),
        ),
    ];
    let mut answers = vec![];
    for (purpose, path, body) in acts {
        if purpose != but {
            answers.push((path, anybody.post(path, &body).await));
        }
    }
    answers
}

/// Nothing was done.
#[track_caller]
fn all_refused(what: &str, answers: &[(&'static str, Reply)]) {
    for (path, reply) in answers {
        let is_envelope = reply.json()["success"] == false;
        assert!(
            reply.status == 400 || is_envelope,
            "{what} at {path}: {} {}",
            reply.status,
            reply.text
        );
    }
}

#[tokio::test]
async fn what_was_mailed_for_one_purpose_in_one_tenant_is_nothing_elsewhere() {
    let app = TestApp::start().await;
    let (tenant, other) = (app.default_tenant(), app.tenant("other").await);
    for place in [&tenant, &other] {
        send_freely(&place.owner().await).await;
        place.sign_up("ada").await;
    }
    app.work().await;
    let secrets = async |purpose: &str| {
        let asked = json!({ "email": ADA, "purpose": purpose });
        let anybody = tenant.anybody();
        anybody.post("/v1/email/send-verification", &asked).await.expect(200);
        let mail = tenant.mail_to(ADA).await.swap_remove(0);
        [mail.code(), mail.token()]
    };
    for purpose in ["register", "verify_email", "reset_password"] {
        for secret in secrets(purpose).await {
            all_refused(purpose, &give_everywhere(&tenant, &secret, purpose).await);
            all_refused(purpose, &give_everywhere(&other, &secret, "").await);
        }
    }
    for purpose in ["verify_email", "reset_password"] {
        let [code, token] = secrets(purpose).await;
        app.advance(601);
        for secret in [&code, &token, &wrong(&code)] {
            all_refused("late", &give_everywhere(&tenant, secret, "").await);
        }
    }
    for nonsense in [
        "%00",
        "' or 1=1 --",
        "../..",
        "０００００００",
        "null",
        "-1",
        &"A".repeat(43),
        &"=".repeat(43),
    ] {
        all_refused(nonsense, &give_everywhere(&tenant, nonsense, "").await);
    }
    let [code, _] = secrets("verify_email").await;
    let right = json!({ "email": ADA, "code": format!(" {}-{} ", &code[..3], &code[3..]) });
    let proven = tenant.anybody().post("/api/auth/email/verify/code", &right).await;
    proven.expect(200);
}

/// The value of the cookie Ada gets in a browser.
async fn cookie_of(tenant: &Tenant<'_>) -> String {
    let given = json!({ "username": "ada", "password": PASSWORD });
    let anybody = tenant.anybody();
    let browser = anybody.post("/apis/console/v1alpha1/sessions", &given).await;
    let cookie = browser.header("set-cookie").split([';', '=']).nth(1);
    cookie.unwrap().to_owned()
}

#[tokio::test]
async fn what_proves_who_somebody_is_proves_it_only_as_what_it_is() {
    let app = TestApp::start().await;
    let (tenant, other) = (app.default_tenant(), app.tenant("other").await);
    let (ada, abroad) = (tenant.sign_up("ada").await, other.sign_up("ada").await);
    app.work().await;
    let cookie = cookie_of(&tenant).await;
    let of = |person: &Person<'_>, name: &str| person.tokens[name].as_str().unwrap().to_owned();
    let signed: [(&str, Value); 6] = [
        (
            "/v1/password/change",
            json!({ "currentPassword": PASSWORD, "newPassword": NEW }),
        ),
        (
            "/api/auth/change-password",
            json!({ "currentPassword": PASSWORD, "newPassword": NEW, "confirmPassword": NEW }),
        ),
        ("/api/auth/email/verify/resend-verification-code", json!({})),
        (
            "/api/email-reset/request-change",
            json!({ "email": "next@example.com" }),
        ),
        ("/api/email-reset/verify", json!({ "code": "000000" })),
        ("/v1/identity/resolve", json!({})),
    ];
    let bad = [
        of(&ada, "refreshToken"),
        of(&abroad, "accessToken"),
        of(&abroad, "refreshToken"),
        cookie.clone(),
    ];
    for (path, body) in &signed {
        for token in &bad {
            let mut thief = ada.clone();
            thief.tokens = json!({ "accessToken": token });
            thief.post(path, body).await.expect_problem(401, "unauthenticated");
        }
    }
    for (token, status, code) in [
        (of(&abroad, "refreshToken"), 401, "refresh_token_invalid"),
        (cookie, 401, "refresh_token_invalid"),
        // No refresh token is that long.
        (of(&ada, "accessToken"), 400, "invalid"),
    ] {
        let renew = json!({ "refreshToken": token, "refresh_token": token });
        for path in ["/v1/refresh", "/api/auth/refresh-token"] {
            let refused = tenant.anybody().post(path, &renew).await;
            refused.expect_problem(status, code);
        }
    }
    ada.get("/api/auth/check").await.expect(200);
    let renew = json!({ "refresh_token": of(&ada, "refreshToken") });
    tenant
        .anybody()
        .post("/api/auth/refresh-token", &renew)
        .await
        .expect(200);
}
