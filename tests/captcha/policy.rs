//! The policy itself: what it takes, and what it keeps to itself.

use super::{HOST, POLICY, PROVIDERS, put, sign_in, solved, spec, start};
use crate::support::{
    PASSWORD,
    database::Database,
    program::Program,
    siteverify::{SECRET, SITE_KEY, Siteverify, TEST_SECRETS},
};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_policy_begins_without_a_provider_and_counts_its_versions() {
    let (app, _siteverify) = start().await;
    let owner = app.default_tenant().owner().await;
    let reply = owner.get(POLICY).await;
    assert_eq!(reply.header("etag"), "\"0\"");
    let expected = json!({
        "metadata": { "name": "captcha", "version": 0 },
        "spec": {
            "provider": "none", "siteKey": "", "secretSet": false, "hostnames": [], "minScore": 0.5,
            "required": { "signUp": false, "sendCode": false, "resetPassword": false, "signIn": "never" },
            "onOutage": "refuse",
        },
    });
    let policy = reply.expect(200);
    assert_eq!(
        json!({ "metadata": policy["metadata"], "spec": policy["spec"] }),
        expected
    );
    assert_eq!(policy["status"]["isDefault"], true);

    let hosts = json!({ "hostnames": ["WWW.Example.com", "bücher.example"], "minScore": 1 });
    let changed = put(&owner, spec("recaptcha", hosts)).await.expect(200);
    assert_eq!(changed["metadata"]["version"], 1);
    assert_eq!(changed["spec"]["secretSet"], true);
    assert_eq!(
        changed["spec"]["hostnames"],
        json!(["www.example.com", "xn--bcher-kva.example"])
    );
    assert_eq!(owner.get(POLICY).await.expect(200), changed);

    let stale = json!({ "metadata": { "version": 0 }, "spec": { "provider": "none" } });
    owner.put(POLICY, &stale).await.expect_problem(409, "version_conflict");
    let request = owner
        .request(Method::PUT, POLICY)
        .header("If-Match", "\"7\"")
        .json(&stale);
    owner.send(request).await.expect_problem(412, "precondition_failed");
}

/// The fields that are wrong, with what is wrong with each.
fn wrong(body: &Value) -> Vec<String> {
    let errors = body["errors"].as_array().unwrap();
    let text = |error: &Value, field: &str| error[field].as_str().unwrap().to_owned();
    errors
        .iter()
        .map(|e| format!("{} {}", text(e, "field"), text(e, "code")))
        .collect()
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named() {
    let (app, siteverify) = start().await;
    let owner = app.default_tenant().owner().await;
    let required = json!({ "signUp": true });
    for (spec, expected) in [
        (
            json!({ "provider": "turnstile" }),
            vec!["spec.secret required", "spec.siteKey required"],
        ),
        (
            json!({ "provider": "none", "required": required }),
            vec!["spec.required value"],
        ),
        (json!({ "provider": "none", "secret": "s" }), vec!["spec.secret value"]),
        (json!({ "provider": "Turnstile" }), vec!["spec.provider value"]),
        (json!({}), vec!["spec.provider required"]),
        (
            spec("hcaptcha", json!({ "secret": "two words" })),
            vec!["spec.secret format"],
        ),
        (spec("hcaptcha", json!({ "secret": "" })), vec!["spec.secret length"]),
        (
            spec("hcaptcha", json!({ "siteKey": "\"><script>" })),
            vec!["spec.siteKey format"],
        ),
        (
            spec("hcaptcha", json!({ "minScore": 1.1 })),
            vec!["spec.minScore value"],
        ),
        (
            spec("hcaptcha", json!({ "minScore": -0.1 })),
            vec!["spec.minScore value"],
        ),
        (
            spec("hcaptcha", json!({ "onOutage": "ignore" })),
            vec!["spec.onOutage value"],
        ),
        (
            spec("hcaptcha", json!({ "required": { "signIn": true } })),
            vec!["spec.required.signIn type"],
        ),
        (
            spec(
                "hcaptcha",
                json!({ "hostnames": [HOST, "https://a.example", "a.example:443"] }),
            ),
            vec!["spec.hostnames[1] format", "spec.hostnames[2] format"],
        ),
    ] {
        let body = put(&owner, spec.clone()).await.expect_problem(400, "invalid");
        assert_eq!(wrong(&body), expected, "{spec}");
    }
    assert_eq!(owner.get(POLICY).await.expect(200)["metadata"]["version"], 0);
    assert!(siteverify.asked().is_empty());
}

#[tokio::test]
async fn a_secret_stays_until_another_one_comes_and_with_its_provider() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    put(&owner, spec("turnstile", json!({}))).await.expect(200);
    for absent in [json!({ "secret": null }), json!({ "secret": null, "minScore": 0.2 })] {
        let kept = put(&owner, spec("turnstile", absent)).await.expect(200);
        assert_eq!(kept["spec"]["secretSet"], true);
        let token = siteverify.solve(solved("turnstile", "sign-in"));
        sign_in(&tenant, Some(&token)).await.expect(200);
        assert_eq!(siteverify.asked()[0].form["secret"], SECRET);
    }
    let other = put(&owner, spec("hcaptcha", json!({ "secret": null }))).await;
    assert_eq!(wrong(&other.expect_problem(400, "invalid")), ["spec.secret required"]);

    let off = put(&owner, json!({ "provider": "none", "siteKey": SITE_KEY }))
        .await
        .expect(200);
    assert_eq!(off["spec"]["secretSet"], false);
    sign_in(&tenant, None).await.expect(200);
    let again = put(&owner, spec("turnstile", json!({ "secret": null }))).await;
    assert_eq!(wrong(&again.expect_problem(400, "invalid")), ["spec.secret required"]);
}

#[tokio::test]
async fn test_secrets_are_refused_outside_development() {
    let (app, _siteverify) = start().await;
    let owner = app.default_tenant().owner().await;
    for (_, secret) in TEST_SECRETS {
        for provider in PROVIDERS {
            let reply = put(&owner, spec(provider, json!({ "secret": secret }))).await;
            let body = reply.expect_problem(400, "invalid");
            assert_eq!(wrong(&body), ["spec.secret value"]);
            assert!(!body.to_string().contains(secret));
        }
    }
}

#[tokio::test]
async fn nobody_reads_the_secret_again() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let mut seen = put(&owner, spec("turnstile", json!({}))).await.text;
    let sealed: String = stored_secret(&app).await;
    seen += &put(&owner, spec("turnstile", json!({ "secret": "the-next-secret" })))
        .await
        .text;
    seen += &put(&owner, spec("turnstile", json!({ "secret": null, "minScore": 0.1 })))
        .await
        .text;
    seen += &owner.get(POLICY).await.text;
    let token = siteverify.solve(solved("turnstile", "sign-in"));
    seen += &sign_in(&tenant, Some(&token)).await.text;
    let events = owner
        .get("/apis/console/v1alpha1/audit-events?action=policies:update")
        .await
        .text;
    assert_eq!(events.matches("secretSetAt").count(), 4, "two secrets came: {events}");
    let sealed_now = stored_secret(&app).await;
    assert!(sealed.len() > 40 && sealed_now.len() > 40 && sealed != sealed_now);
    let dump = app.dump().await;
    for secret in [SECRET, "the-next-secret"] {
        assert!(!seen.contains(secret) && !events.contains(secret) && !dump.contains(secret));
    }
    for sealed in [sealed, sealed_now] {
        assert!(!seen.contains(&sealed) && !events.contains(&sealed));
    }
}

/// The sealed secret as the database has it.
async fn stored_secret(app: &crate::support::TestApp) -> String {
    let dump = app.dump().await;
    let dump = dump.replace("\\\"", "\"").replace("\"\"", "\"").replace(": ", ":");
    let (_, rest) = dump.rsplit_once("\"sealed\":\"").expect("a secret in the database");
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn who_may_not_manage_policies_neither_sees_nor_changes_this_one() {
    let (mut app, _siteverify) = start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    ada.get(POLICY).await.expect_problem(403, "forbidden");
    put(&ada, spec("turnstile", json!({})))
        .await
        .expect_problem(403, "forbidden");
    tenant
        .anybody()
        .get(POLICY)
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_log_says_what_to_mend_and_no_secret() {
    let siteverify = Siteverify::start();
    let database = Database::create().await;
    let environment = [
        ("TENANTRY_CAPTCHA_URL", siteverify.url.as_str()),
        ("TENANTRY_LOG", "info"),
        ("TENANTRY_LOG_FORMAT", "json"),
    ];
    let program = Program::start(&database, &environment);
    let http = crate::support::client();
    let spec = spec("hcaptcha", json!({ "secret": "a-mistyped-secret" }));
    let put = http
        .put(format!("{}{POLICY}", program.base))
        .json(&json!({ "spec": spec }));
    let reply = put.bearer_auth(program.owner_token().await).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    let token = siteverify.solve(json!({ "hostname": "127.0.0.1" }));
    let login = http
        .post(format!("{}/v1/login", program.base))
        .header("X-Captcha-Token", &token)
        .json(&json!({ "username": "admin", "password": PASSWORD }));
    assert_eq!(login.send().await.unwrap().status(), 503);
    let (_, log) = program.terminate();
    let errors: Vec<_> = log.lines().filter(|line| line.contains("\"ERROR\"")).collect();
    assert_eq!(errors.len(), 1, "{log}");
    assert!(
        errors[0].contains("invalid-input-secret") && errors[0].contains("hcaptcha"),
        "{}",
        errors[0]
    );
    for secret in ["a-mistyped-secret", token.as_str(), PASSWORD] {
        assert!(!log.contains(secret), "{secret}");
    }
}
