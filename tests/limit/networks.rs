//! Where wrong passwords come from: strangers share one count, the owner has their own.

use crate::support::limits::{BAD, at, behind_a_proxy, credentials, set_limits, sign_in, wait_for};
use crate::support::{PASSWORD, TestApp};
use reqwest::Method;
use serde_json::json;

const HOME: &str = "198.51.100.1";

#[tokio::test]
async fn who_attacks_from_many_networks_keeps_nobody_out_of_their_own() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    app.work().await;
    at(&tenant, HOME).sign_in("ada", PASSWORD).await.expect(200);

    for n in 0..20 {
        let reply = at(&tenant, format!("203.0.113.{n}")).sign_in("ada", BAD).await;
        reply.expect_problem(401, "credentials_invalid");
    }
    for n in 20..30 {
        // Also with the right password: a stranger is a stranger.
        let refused = at(&tenant, format!("203.0.113.{n}")).sign_in("ada", PASSWORD).await;
        assert_eq!(wait_for(&refused, "sign-in-account"), 30);
    }
    at(&tenant, HOME).sign_in("ada", PASSWORD).await.expect(200);

    // A right password from a known network forgets only what was wrong there.
    let refused = at(&tenant, "203.0.113.30").sign_in("ada", PASSWORD).await;
    assert_eq!(wait_for(&refused, "sign-in-account"), 30);
    app.advance(30);
    at(&tenant, "203.0.113.30").sign_in("ada", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_wait_of_strangers_doubles_up_to_an_hour() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    let mut number = 0;
    let mut attack = async || {
        number += 1;
        at(&tenant, format!("2001:db8:0:{number:x}::1"))
            .sign_in("admin", BAD)
            .await
    };
    for _ in 0..20 {
        attack().await.expect_problem(401, "credentials_invalid");
    }
    for wait in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
        assert_eq!(wait_for(&attack().await, "sign-in-account"), wait);
        app.advance(wait);
        attack().await.expect_problem(401, "credentials_invalid");
    }
}

#[tokio::test]
async fn a_known_network_has_its_own_wait_and_is_known_for_ninety_days() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    app.work().await;
    let home = at(&tenant, HOME);
    home.sign_in("ada", PASSWORD).await.expect(200);
    for _ in 0..5 {
        home.sign_in("ada", BAD)
            .await
            .expect_problem(401, "credentials_invalid");
    }
    assert_eq!(wait_for(&home.sign_in("ada", PASSWORD).await, "sign-in-pair"), 30);
    // Elsewhere the account has not been tried at all.
    at(&tenant, "203.0.113.1").sign_in("ada", PASSWORD).await.expect(200);

    app.advance(91 * 24 * 3600);
    for n in 0..20 {
        let reply = at(&tenant, format!("203.0.113.{}", 10 + n)).sign_in("ada", BAD).await;
        reply.expect_problem(401, "credentials_invalid");
    }
    wait_for(&home.sign_in("ada", PASSWORD).await, "sign-in-account");
}

#[tokio::test]
async fn a_network_of_ipv6_is_a_64_and_an_address_of_ipv4_is_one_in_both_forms() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    for n in 0..5 {
        let reply = at(&tenant, format!("2001:db8:1:2::{n}")).sign_in("admin", BAD).await;
        reply.expect_problem(401, "credentials_invalid");
    }
    let same = at(&tenant, "2001:db8:1:2:ffff:ffff:ffff:ffff");
    wait_for(&same.sign_in("admin", PASSWORD).await, "sign-in-pair");
    at(&tenant, "2001:db8:1:3::1")
        .sign_in("admin", PASSWORD)
        .await
        .expect(200);

    for n in 0..5 {
        let form = ["203.0.113.7", "::ffff:203.0.113.7"][n % 2];
        let reply = at(&tenant, form).sign_in("admin", BAD).await;
        reply.expect_problem(401, "credentials_invalid");
    }
    for form in ["203.0.113.7", "::ffff:203.0.113.7", "::ffff:cb00:7107"] {
        wait_for(&at(&tenant, form).sign_in("admin", BAD).await, "sign-in-pair");
    }
}

#[tokio::test]
async fn nobody_is_elsewhere_by_saying_so() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let lies = [
        "x-forwarded-for",
        "x-real-ip",
        "forwarded",
        "cf-connecting-ip",
        "true-client-ip",
        "x-client-ip",
        "fastly-client-ip",
        "x-cluster-client-ip",
    ];
    let attack = async |n: usize| {
        let address = format!("203.0.113.{n}");
        let request = anybody.request(Method::POST, "/v1/login");
        let request = lies.iter().fold(request, |request, name| {
            let value = match *name {
                "forwarded" => format!("for={address}"),
                _ => address.clone(),
            };
            request.header(*name, value)
        });
        anybody.send(request.json(&credentials("admin", BAD))).await
    };
    for n in 0..5 {
        attack(n).await.expect_problem(401, "credentials_invalid");
    }
    for n in 5..10 {
        wait_for(&attack(n).await, "sign-in-pair");
    }
}

#[tokio::test]
async fn behind_a_proxy_only_the_address_it_added_counts() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    for n in 0..5 {
        let chain = format!("203.0.113.{n}, 10.0.0.{n}, 198.51.100.9");
        let reply = at(&tenant, chain).sign_in("admin", BAD).await;
        reply.expect_problem(401, "credentials_invalid");
    }
    let refused = at(&tenant, "192.0.2.1, 198.51.100.9").sign_in("admin", BAD).await;
    wait_for(&refused, "sign-in-pair");
    let control = at(&tenant, "192.0.2.1, 198.51.100.10").sign_in("admin", BAD).await;
    control.expect_problem(401, "credentials_invalid");
}

#[tokio::test]
async fn a_network_has_so_many_wrong_passwords_for_all_accounts_together() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    set_limits(
        &tenant.owner().await,
        json!({ "signInNetwork": { "most": 6, "seconds": 600 } }),
    )
    .await;
    let here = at(&tenant, HOME);
    // Right ones take nothing of it.
    for _ in 0..8 {
        here.sign_in("admin", PASSWORD).await.expect(200);
    }
    for n in 0..6 {
        let reply = here.sign_in(&format!("user{n}"), BAD).await;
        reply.expect_problem(401, "credentials_invalid");
    }

    for login in ["user7", "admin"] {
        let refused = here.sign_in(login, PASSWORD).await;
        assert_eq!(wait_for(&refused, "sign-in-network"), 600);
    }
    at(&tenant, "198.51.100.2").sign_in("admin", PASSWORD).await.expect(200);
    app.advance(600);
    here.sign_in("admin", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_tenant_has_so_many_wrong_passwords_of_strangers_and_who_is_known_passes() {
    let app = behind_a_proxy().await;
    let (tenant, other) = (app.default_tenant(), app.tenant("other").await);
    tenant.sign_up("ada").await;
    app.work().await;
    let home = at(&tenant, HOME);
    home.sign_in("ada", PASSWORD).await.expect(200);
    set_limits(&tenant.owner().await, json!({ "signInTenant": { "most": 6 } })).await;
    for n in 0..6 {
        let place = at(&tenant, format!("203.0.113.{n}"));
        let reply = place.sign_in(["ada", "admin"][n % 2], BAD).await;
        reply.expect_problem(401, "credentials_invalid");
    }

    let refused = at(&tenant, "203.0.113.99").sign_in("ada", PASSWORD).await;
    let wait = wait_for(&refused, "sign-in-tenant");
    assert!((590..=600).contains(&wait), "{wait}");
    home.sign_in("ada", PASSWORD).await.expect(200);
    sign_in(&other, "admin", PASSWORD).await.expect(200);
    app.advance(wait);
    at(&tenant, "203.0.113.99").sign_in("ada", PASSWORD).await.expect(200);
}
