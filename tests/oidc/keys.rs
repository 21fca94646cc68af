//! The keys that a tenant publishes.

use super::{JWKS, kids, published, verify};
use crate::support::TestApp;
use serde_json::json;
use std::collections::BTreeSet;
use tenantry::key::{Algorithm, TokenType};

#[tokio::test]
async fn there_is_a_key_of_each_algorithm_rs256_first_and_nothing_private() {
    let app = TestApp::start().await;
    let keys = published(&app.default_tenant()).await;
    let of = |name: &str| keys.iter().map(|key| key[name].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(of("alg"), ["RS256", "ES256", "EdDSA"]);
    assert_eq!(of("kty"), ["RSA", "EC", "OKP"]);
    assert_eq!(of("use"), ["sig"; 3]);
    let members = [
        &["kty", "use", "alg", "kid", "n", "e"][..],
        &["kty", "use", "alg", "kid", "crv", "x", "y"],
        &["kty", "use", "alg", "kid", "crv", "x"],
    ];
    for (key, members) in keys.iter().zip(members) {
        let found: BTreeSet<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(found, members.iter().copied().collect(), "{key}");
    }
    assert_eq!(kids(&keys).iter().collect::<BTreeSet<_>>().len(), 3);
}

#[tokio::test]
async fn another_library_verifies_what_each_key_signs() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let keys = published(&tenant).await;
    let owner = tenant.owner().await;
    let claims = verify(owner.tokens["accessToken"].as_str().unwrap(), &keys);
    assert_eq!(claims["iss"], app.base);

    let row = app.app.tenant("default").await.unwrap().unwrap();
    let ring = app.app.all_keys(row.0.id).await.unwrap();
    for (kind, typ) in [
        (TokenType::Access, "at+jwt"),
        (TokenType::Id, "JWT"),
        (TokenType::Logout, "logout+jwt"),
    ] {
        for algorithm in Algorithm::ALL {
            let claims = json!({ "sub": "ada", "typ": typ });
            let token = ring.sign(algorithm, kind, claims.to_string().as_bytes()).unwrap();
            assert_eq!(verify(&token, &keys), claims);
            let (header, _) = super::decode(&token);
            assert_eq!(header["typ"], typ);
            assert_eq!(header["alg"], algorithm.as_str());
        }
    }
}

#[tokio::test]
async fn tenants_share_no_key_and_each_has_its_keys_at_each_of_its_addresses() {
    let app = TestApp::start().await;
    let (default, acme) = (app.default_tenant(), app.tenant("acme").await);
    let (one, other) = (kids(&published(&default).await), kids(&published(&acme).await));
    assert!(one.iter().all(|kid| !other.contains(kid)));
    let by_host = default
        .anybody()
        .request(reqwest::Method::GET, JWKS)
        .header("host", "acme.127.0.0.1");
    let by_host = default.anybody().send(by_host).await.expect(200);
    assert_eq!(kids(by_host["keys"].as_array().unwrap()), other);
    // As the others do not change either, whoever asked first.
    assert_eq!(kids(&published(&default).await), one);
}

#[tokio::test]
async fn twenty_who_ask_at_once_for_keys_that_are_not_made_get_the_same() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let asked = futures_util::future::join_all((0..20).map(|_| published(&tenant))).await;
    assert!(asked.iter().all(|keys| *keys == asked[0]));
    assert_eq!(app.count("select count(*) from signing_key").await, 3);
}
