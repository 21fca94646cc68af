//! What strangers do to a whole tenant: they keep nobody out who is somebody.

use crate::support::limits::{BAD, CONSOLE, at, behind_a_proxy, credentials, set_limits, wait_for};
use crate::support::{PASSWORD, TestApp, siteverify::Siteverify};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn made_up_names_are_no_reason_to_refuse_a_right_password() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    set_limits(&tenant.owner().await, json!({ "signInTenant": { "most": 6 } })).await;
    for n in 0..20 {
        let place = at(&tenant, format!("2001:db8:{n:x}::1"));
        let reply = place.sign_in(&format!("nobody{n}"), BAD).await;
        reply.expect_problem(401, "credentials_invalid");
    }
    let elsewhere = at(&tenant, "198.51.100.1");
    elsewhere.sign_in("admin", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_networks_of_one_range_share_a_count() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    let few = json!({ "signInNetwork": { "most": 1, "seconds": 600 } });
    set_limits(&tenant.owner().await, few).await;
    for range in ["2001:db8:7", "203.0.113"] {
        let within = |n: u8| match range.contains(':') {
            true => format!("{range}:{n:x}::1"),
            false => format!("{range}.{n}"),
        };
        for n in 0..8 {
            let reply = at(&tenant, within(n)).sign_in(&format!("user{n}"), BAD).await;
            reply.expect_problem(401, "credentials_invalid");
        }
        let refused = at(&tenant, within(9)).sign_in("user9", BAD).await;
        assert_eq!(wait_for(&refused, "sign-in-range"), 600);
    }
    at(&tenant, "2001:db8:8::1")
        .sign_in("admin", PASSWORD)
        .await
        .expect(200);
}

#[tokio::test]
async fn strangers_in_a_crowd_show_that_they_are_people_and_pass() {
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
    set_limits(&owner, json!({ "signInTenant": { "most": 3 } })).await;
    let spec = json!({
        "provider": "turnstile",
        "siteKey": crate::support::siteverify::SITE_KEY,
        "secret": crate::support::siteverify::SECRET,
        "required": {},
    });
    let policy = format!("{CONSOLE}/policies/captcha");
    owner.put(&policy, &json!({ "spec": spec })).await.expect(200);
    for n in 0..3 {
        let reply = at(&tenant, format!("203.0.113.{n}")).sign_in("admin", BAD).await;
        reply.expect_problem(401, "credentials_invalid");
    }

    let sign_in = async |token: &str| {
        let anybody = tenant.anybody();
        let request = anybody.request(Method::POST, "/v1/login");
        let request = request.header("x-forwarded-for", "198.51.100.1");
        let request = request.header("x-captcha-token", token);
        anybody.send(request.json(&credentials("admin", PASSWORD))).await
    };
    sign_in("").await.expect_problem(400, "captcha_required");
    sign_in("never-solved").await.expect_problem(400, "captcha_failed");
    let solved = siteverify.solve(json!({ "hostname": "id.example.com", "action": "sign-in" }));
    sign_in(&solved).await.expect(200);
}

#[tokio::test]
async fn a_reset_by_mail_makes_its_network_known() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    tenant.sign_up_proven("ada").await;
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "signInTenant": { "most": 1 } })).await;
    let stranger = at(&tenant, "203.0.113.1");
    stranger
        .sign_in("ada", BAD)
        .await
        .expect_problem(401, "credentials_invalid");
    let here = at(&tenant, "198.51.100.1");
    wait_for(&here.sign_in("ada", PASSWORD).await, "sign-in-tenant");

    let ask = json!({ "email": "ada@example.com" });
    here.post("/v1/password/reset", &ask).await.expect(200);
    let new = "a quite other staple";
    let code = tenant.code_to("ada@example.com").await;
    let given = json!({ "email": "ada@example.com", "code": code, "newPassword": new });
    here.post("/v1/password/confirm-reset", &given).await.expect(200);
    here.sign_in("ada", new).await.expect(200);
    app.work().await;
}
