//! The policy of limits: what it counts besides, how refusals say so, and when a change holds.

use crate::support::limits::{BAD, LIMITS, SEND, at, behind_a_proxy, fail, set_limits, sign_in, wait_for, wait_of};
use crate::support::{PASSWORD, Reply, TestApp, siteverify::Siteverify};
use serde_json::{Value, json};

fn newcomer(name: &str) -> Value {
    json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD })
}

#[tokio::test]
async fn so_many_accounts_are_made_from_one_network() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    set_limits(
        &tenant.owner().await,
        json!({ "signUpNetwork": { "most": 2, "seconds": 50 } }),
    )
    .await;
    let here = at(&tenant, "198.51.100.1");
    for name in ["ada", "bob"] {
        here.post("/v1/register", &newcomer(name)).await.expect(200);
    }

    let refused = here.post("/v1/register", &newcomer("eve")).await;
    assert_eq!(wait_for(&refused, "sign-up-network"), 50);
    let nested = json!({ "user": { "email": "eve@example.com" }, "password": PASSWORD, "confirmPassword": PASSWORD });
    wait_for(&here.post("/api/auth/register", &nested).await, "sign-up-network");
    let elsewhere = at(&tenant, "198.51.100.2");
    elsewhere.post("/v1/register", &newcomer("dora")).await.expect(200);
    app.advance(50);
    here.post("/v1/register", &newcomer("eve")).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn so_many_accounts_are_made_in_one_tenant_and_owners_make_more() {
    let app = behind_a_proxy().await;
    let (tenant, other) = (app.default_tenant(), app.tenant("other").await);
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "signUpTenant": { "most": 2, "seconds": 50 } })).await;
    let sign_up = async |n: u8, name: &str| {
        let place = at(&tenant, format!("198.51.100.{n}"));
        place.post("/v1/register", &newcomer(name)).await
    };
    sign_up(1, "ada").await.expect(200);
    sign_up(2, "bob").await.expect(200);

    assert_eq!(wait_for(&sign_up(3, "eve").await, "sign-up-tenant"), 50);
    let made = json!({ "name": "dora", "email": "dora@example.com" });
    owner
        .post(&format!("{}/users", crate::support::limits::CONSOLE), &made)
        .await
        .expect(200);
    other.anybody().post("/v1/register", &newcomer("eve")).await.expect(200);
    app.advance(50);
    sign_up(3, "eve").await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn so_many_addresses_are_looked_up_from_one_network() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    tenant.sign_up("ada").await;
    app.work().await;
    set_limits(&owner, json!({ "lookUpNetwork": { "most": 4, "seconds": 50 } })).await;
    let told = json!({ "spec": { "mode": "open", "addressesTold": true } });
    let here = at(&tenant, "198.51.100.1");
    let look_up = async |address: &str| {
        let asked = json!({ "email": address });
        here.post("/api/email-check/validate", &asked).await
    };
    let hidden = json!({ "exists": false, "available": true });
    for address in ["ada@example.com", "nobody@example.com"] {
        assert_eq!(look_up(address).await.expect(200), hidden);
    }
    owner
        .put(&format!("{}/policies/sign-up", crate::support::limits::CONSOLE), &told)
        .await
        .expect(200);
    assert_eq!(look_up("ADA@example.com").await.expect(200)["exists"], true);
    assert_eq!(look_up("nobody@example.com").await.expect(200), hidden);

    for address in ["ada@example.com", "nobody@example.com"] {
        assert_eq!(wait_for(&look_up(address).await, "look-up-network"), 50);
    }
    let elsewhere = at(&tenant, "198.51.100.2");
    let asked = json!({ "email": "ada@example.com" });
    elsewhere.post("/api/email-check/validate", &asked).await.expect(200);
    app.advance(50);
    look_up("ada@example.com").await.expect(200);
}

#[tokio::test]
async fn so_many_wrong_captchas_come_from_one_network() {
    let siteverify = Siteverify::start();
    let url = siteverify.url.clone();
    let app = TestApp::start_with(|config| {
        config.public_url = Some("https://id.example.com".parse().unwrap());
        config.captcha_url = Some(url);
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "captchaNetwork": { "most": 3, "seconds": 50 } })).await;
    let spec = json!({
        "provider": "turnstile",
        "siteKey": crate::support::siteverify::SITE_KEY,
        "secret": crate::support::siteverify::SECRET,
        "required": { "sendCode": true },
    });
    let policy = format!("{}/policies/captcha", crate::support::limits::CONSOLE);
    owner.put(&policy, &json!({ "spec": spec })).await.expect(200);
    let send = async |n: u8, token: &str| {
        let anybody = tenant.anybody();
        let ask = json!({ "email": format!("ada{n}@example.com"), "purpose": "register" });
        let request = anybody.request(reqwest::Method::POST, SEND);
        let request = request.header("x-forwarded-for", format!("198.51.100.{}", n % 2));
        anybody.send(request.header("x-captcha-token", token).json(&ask)).await
    };
    let solved = || siteverify.solve(json!({ "hostname": "id.example.com", "action": "send-code" }));
    // Right ones take nothing.
    for n in [0, 2, 4, 6, 8] {
        send(n, &solved()).await.expect(200);
    }
    for _ in 0..3 {
        send(10, "never-solved").await.expect_problem(400, "captcha_failed");
    }

    assert_eq!(wait_for(&send(10, &solved()).await, "captcha-network"), 50);
    send(11, &solved()).await.expect(200);
    app.advance(50);
    send(10, &solved()).await.expect(200);
    app.work().await;
}

/// A list of one item of a structured field (RFC 9651): a name and its numbers.
fn item(field: &str) -> (String, Vec<(String, i64)>) {
    let mut parts = field.split(';');
    let name = parts.next().unwrap();
    let name = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
        .expect(field);
    let is_token = |c: char| c.is_ascii_lowercase() || c == '-';
    assert!(!name.is_empty() && name.chars().all(is_token), "{field}");
    let numbers = parts.map(|part| {
        let (key, number) = part.split_once('=').expect(field);
        (key.to_owned(), number.parse().expect(field))
    });
    (name.to_owned(), numbers.collect())
}

#[track_caller]
fn says(reply: &Reply, name: &str, quota: i64, window: i64) {
    let wait: i64 = reply.header("retry-after").parse().unwrap();
    let owned = |list: &[(&str, i64)]| list.iter().map(|(key, n)| ((*key).to_owned(), *n)).collect::<Vec<_>>();
    let (policy, numbers) = item(reply.header("ratelimit-policy"));
    assert_eq!(
        (policy.as_str(), numbers),
        (name, owned(&[("q", quota), ("w", window)]))
    );
    let (limit, numbers) = item(reply.header("ratelimit"));
    assert_eq!((limit.as_str(), numbers), (name, owned(&[("r", 0), ("t", wait)])));
    for header in ["ratelimit-policy", "ratelimit", "retry-after"] {
        assert_eq!(reply.headers.get_all(header).iter().count(), 1, "{header}");
    }
}

#[tokio::test]
async fn a_refusal_says_which_limit_it_was_and_what_is_left_of_it() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    for _ in 0..5 {
        fail(&tenant, "admin").await;
    }
    says(&sign_in(&tenant, "admin", BAD).await, "sign-in-pair", 5, 900);
    let ask = json!({ "email": "ada@example.com", "purpose": "register" });
    let anybody = tenant.anybody();
    let sent = anybody.post(SEND, &ask).await;
    assert!(sent.headers.get("ratelimit").is_none() && sent.headers.get("retry-after").is_none());
    says(&anybody.post(SEND, &ask).await, "code-pause", 1, 60);
    for path in [
        "/api/reset_password?email=bob@example.com",
        "/api/verification?email=ada@example.com",
    ] {
        anybody.get(path).await;
        says(&anybody.get(path).await, "code-pause", 1, 60);
    }
    app.work().await;
}

#[tokio::test]
async fn every_limit_is_in_the_policy_and_can_be_written_back() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let policy = owner.get(LIMITS).await.expect(200);
    let names: Vec<_> = policy["spec"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names.len(), 19, "{names:?}");
    let written = owner.put(LIMITS, &json!({ "spec": policy["spec"] })).await.expect(200);
    assert_eq!(written["spec"], policy["spec"]);
    for (limit, bad) in [
        ("codePause", json!({ "most": 0, "seconds": 60 })),
        ("codePause", json!({ "most": 1, "seconds": 0 })),
        ("codePause", json!({ "most": -1, "seconds": 60 })),
        (
            "signInPair",
            json!({ "free": 0, "firstSeconds": 30, "longestSeconds": 60, "most": 100 }),
        ),
        (
            "signInPair",
            json!({ "free": 5, "firstSeconds": 30, "longestSeconds": 86_401, "most": 100 }),
        ),
    ] {
        let mut spec = policy["spec"].clone();
        spec[limit] = bad.clone();
        let refused = owner.put(LIMITS, &json!({ "spec": spec })).await;
        refused.expect_problem(400, "invalid");
    }
}

#[tokio::test]
async fn a_change_of_the_limits_holds_at_once_and_in_that_tenant_alone() {
    let app = TestApp::start().await;
    let (tenant, other) = (app.default_tenant(), app.tenant("other").await);
    let owner = tenant.owner().await;
    fail(&tenant, "eve").await;
    set_limits(&owner, json!({ "signInPair": { "free": 2, "firstSeconds": 7 } })).await;
    fail(&tenant, "eve").await;
    assert_eq!(wait_for(&sign_in(&tenant, "eve", BAD).await, "sign-in-pair"), 7);
    for _ in 0..5 {
        fail(&other, "eve").await;
    }
    assert_eq!(wait_for(&sign_in(&other, "eve", BAD).await, "sign-in-pair"), 30);

    let ask = json!({ "email": "ada@example.com", "purpose": "register" });
    tenant.anybody().post(SEND, &ask).await.expect(200);
    wait_of(&tenant.anybody().post(SEND, &ask).await, "too_many_codes", "code-pause");
    set_limits(&owner, json!({ "codePause": { "most": 3 } })).await;
    for _ in 0..2 {
        tenant.anybody().post(SEND, &ask).await.expect(200);
    }
    wait_of(&tenant.anybody().post(SEND, &ask).await, "too_many_codes", "code-pause");
    app.work().await;
}

#[tokio::test]
async fn parts_of_a_delay_that_do_not_go_together_are_refused_by_name() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let before = owner.get(LIMITS).await.expect(200);
    let mut spec = before["spec"].clone();
    spec["signInPair"] = json!({ "free": 3, "firstSeconds": 60, "longestSeconds": 59, "most": 2 });
    spec["signInAccount"]["most"] = json!(19);

    let refused = owner.put(LIMITS, &json!({ "spec": spec })).await.expect(400);

    let fields: Vec<_> = refused["errors"].as_array().unwrap().iter().collect();
    let named: Vec<_> = fields.iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(
        named,
        [
            "spec.signInPair.longestSeconds",
            "spec.signInPair.most",
            "spec.signInAccount.most"
        ]
    );
    assert_eq!(owner.get(LIMITS).await.expect(200), before);
    spec["signInPair"] = json!({ "free": 3, "firstSeconds": 60, "longestSeconds": 60, "most": 3 });
    spec["signInAccount"]["most"] = json!(20);
    owner.put(LIMITS, &json!({ "spec": spec })).await.expect(200);
}

#[tokio::test]
async fn counts_that_have_run_out_do_not_stay() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ask = async |first: usize| {
        for n in first..first + 60 {
            let wanted = json!({ "email": format!("nobody{n}@example.com"), "purpose": "register" });
            tenant.anybody().post(SEND, &wanted).await.expect(200);
        }
        app.count("select count(*) from limit_count").await
    };
    let counts = ask(0).await;
    assert!(counts >= 3 * 60, "{counts}");

    app.advance(2 * 24 * 3600);

    let now = ask(60).await;
    assert!(now <= counts, "{now} where there were {counts}");
    app.work().await;
}
