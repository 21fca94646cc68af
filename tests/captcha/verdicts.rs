//! What a provider says of a token, and what becomes of the request.

use super::{HOST, POLICY, PROVIDERS, put, sign_in, solved, spec, start};
use crate::support::{
    PASSWORD, TestApp, client,
    database::Database,
    program::Program,
    siteverify::{HCAPTCHA_TEST_TOKEN, Siteverify, TEST_SECRETS, TURNSTILE_TEST_TOKEN},
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_good_token_of_each_provider_passes_once() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for provider in PROVIDERS {
        put(&owner, spec(provider, json!({}))).await.expect(200);
        let token = siteverify.solve(solved(provider, "sign-in"));
        sign_in(&tenant, Some(&token)).await.expect(200);
        sign_in(&tenant, Some(&token))
            .await
            .expect_problem(400, "captcha_failed");
        let checkbox = siteverify.solve(json!({ "hostname": HOST }));
        let status = sign_in(&tenant, Some(&checkbox)).await.status;
        assert_eq!(
            status == 200,
            provider != "turnstile",
            "only v2 and hCaptcha have no acts"
        );
    }
}

#[tokio::test]
async fn wrong_and_expired_tokens_are_refused_without_saying_why() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for provider in PROVIDERS {
        put(&owner, spec(provider, json!({}))).await.expect(200);
        let expired = siteverify.solve(solved(provider, "sign-in"));
        siteverify.expire(&expired);
        let mut texts = vec![];
        for token in ["nonsense", TURNSTILE_TEST_TOKEN, HCAPTCHA_TEST_TOKEN, &expired] {
            let reply = sign_in(&tenant, Some(token)).await;
            texts.push(reply.expect_problem(400, "captcha_failed")["message"].clone());
        }
        assert!(texts.iter().all(|text| *text == texts[0]));
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_one_is_not_sent_anywhere() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for (provider, longest) in PROVIDERS.into_iter().zip([2048, 8192, 8192]) {
        put(&owner, spec(provider, json!({}))).await.expect(200);
        let long = "x".repeat(longest);
        sign_in(&tenant, Some(&long))
            .await
            .expect_problem(400, "captcha_failed");
        assert_eq!(siteverify.asked().len(), 1);
        let longer = "x".repeat(2049);
        sign_in(&tenant, Some(&longer))
            .await
            .expect_problem(400, "captcha_failed");
        assert_eq!(siteverify.asked().is_empty(), provider == "turnstile");
        let longest = "x".repeat(100_000);
        sign_in(&tenant, Some(&longest))
            .await
            .expect_problem(400, "captcha_failed");
        let sent = siteverify.asked();
        assert!(sent.iter().all(|asked| asked.form["response"].len() <= 8192));
    }
}

#[tokio::test]
async fn a_token_of_another_page_or_for_another_act_is_refused() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for provider in PROVIDERS {
        put(&owner, spec(provider, json!({}))).await.expect(200);
        let with = |field: &str, value: Value| {
            let mut says = solved(provider, "sign-in");
            says[field] = value;
            siteverify.solve(says)
        };
        for host in [
            json!("evil.example"),
            json!("www.id.example.com"),
            json!(""),
            Value::Null,
        ] {
            let reply = sign_in(&tenant, Some(&with("hostname", host))).await;
            reply.expect_problem(400, "captcha_failed");
        }
        for action in ["sign-up", ""] {
            let status = sign_in(&tenant, Some(&with("action", json!(action)))).await.status;
            assert_eq!(status == 400, provider != "hcaptcha", "{provider} {action}");
        }
    }
}

#[tokio::test]
async fn hostnames_of_the_policy_take_the_place_of_the_tenants_own() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let hosts = json!({ "hostnames": ["Shop.example", "www.shop.example"] });
    put(&tenant.owner().await, spec("hcaptcha", hosts)).await.expect(200);
    for (host, status) in [("shop.example", 200), ("www.shop.example", 200), (HOST, 400)] {
        let token = siteverify.solve(json!({ "hostname": host }));
        sign_in(&tenant, Some(&token)).await.expect(status);
    }
}

#[tokio::test]
async fn a_low_score_is_refused() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    // hCaptcha scores malice.
    for (provider, person, program) in [("recaptcha", 0.7, 0.6), ("hcaptcha", 0.2, 0.4)] {
        put(&owner, spec(provider, json!({ "minScore": 0.7 })))
            .await
            .expect(200);
        for (score, status) in [(person, 200), (program, 400)] {
            let mut says = solved(provider, "sign-in");
            says["score"] = json!(score);
            sign_in(&tenant, Some(&siteverify.solve(says))).await.expect(status);
        }
    }
}

#[tokio::test]
async fn a_policy_that_cannot_work_is_not_the_persons_fault() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let wrong = json!({ "secret": "another-secret", "onOutage": "allow" });
    for provider in PROVIDERS {
        put(&owner, spec(provider, wrong.clone())).await.expect(200);
        let token = siteverify.solve(solved(provider, "sign-in"));
        sign_in(&tenant, Some(&token))
            .await
            .expect_problem(503, "captcha_unavailable");
        assert_eq!(siteverify.asked().len(), 1, "a second try would not help");
        sign_in(&tenant, None).await.expect_problem(400, "captcha_required");
    }
    put(&owner, spec("hcaptcha", json!({ "siteKey": "of-another-site" })))
        .await
        .expect(200);
    let token = siteverify.solve(solved("hcaptcha", "sign-in"));
    sign_in(&tenant, Some(&token))
        .await
        .expect_problem(503, "captcha_unavailable");
}

/// A server that only its own machine reaches.
async fn start_development() -> (TestApp, Siteverify) {
    let siteverify = Siteverify::start();
    let url = siteverify.url.clone();
    let app = TestApp::start_with(|config| config.captcha_url = Some(url)).await;
    (app, siteverify)
}

#[tokio::test]
async fn test_secrets_work_as_documented_in_development() {
    let (app, _siteverify) = start_development().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let tokens = [
        TURNSTILE_TEST_TOKEN,
        TURNSTILE_TEST_TOKEN,
        TURNSTILE_TEST_TOKEN,
        HCAPTCHA_TEST_TOKEN,
        "any",
    ];
    let statuses = [200, 400, 400, 200, 200];
    for (((provider, secret), token), status) in TEST_SECRETS.into_iter().zip(tokens).zip(statuses) {
        put(&owner, spec(provider, json!({ "secret": secret })))
            .await
            .expect(200);
        sign_in(&tenant, Some(token)).await.expect(status);
        sign_in(&tenant, None).await.expect_problem(400, "captcha_required");
    }
}

#[tokio::test]
async fn a_test_secret_that_was_kept_protects_nothing_elsewhere() {
    let siteverify = Siteverify::start();
    let database = Database::create().await;
    let here = [("TENANTRY_CAPTCHA_URL", siteverify.url.as_str())];
    let program = Program::start(&database, &here);
    let (provider, secret) = TEST_SECRETS[0];
    let spec = spec(provider, json!({ "secret": secret, "onOutage": "allow" }));
    let put = client().put(format!("{}{POLICY}", program.base));
    let put = put
        .bearer_auth(program.owner_token().await)
        .json(&json!({ "spec": spec }));
    assert_eq!(put.send().await.unwrap().status(), 200);
    assert!(program.terminate().0);

    let public = format!("https://{HOST}");
    let program = Program::start(&database, &[here[0], ("TENANTRY_PUBLIC_URL", &public)]);
    let login = client()
        .post(format!("{}/v1/login", program.base))
        .header("X-Captcha-Token", TURNSTILE_TEST_TOKEN)
        .json(&json!({ "username": "admin", "password": PASSWORD }));
    assert_eq!(login.send().await.unwrap().status(), 503);
    assert!(siteverify.asked().is_empty());
}
