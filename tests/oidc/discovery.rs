//! What a tenant says of itself to libraries.

use super::{JWKS, assert_refused};
use crate::support::TestApp;
use reqwest::Method;
use serde_json::Value;
use tenantry::oidc::Word;

const OPENID: &str = "/.well-known/openid-configuration";
const SERVER: &str = "/.well-known/oauth-authorization-server";
const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const ALL: [&str; 4] = [OPENID, SERVER, RESOURCE, JWKS];

#[tokio::test]
async fn every_form_of_the_address_answers_with_the_one_issuer() {
    let app = TestApp::start().await;
    let (root, acme) = (app.default_tenant(), app.tenant("acme").await);
    let anybody = root.anybody();
    for (name, member) in [(OPENID, "issuer"), (SERVER, "issuer"), (RESOURCE, "resource")] {
        assert_eq!(anybody.get(name).await.expect(200)[member], app.base);
        let expected = acme.anybody().get(name).await.expect(200);
        assert_eq!(expected[member], acme.base);
        assert_eq!(expected["jwks_uri"], format!("{}{JWKS}", acme.base));
        for inserted in [format!("{name}/t/acme"), format!("{name}/t/ACME")] {
            assert_eq!(anybody.get(&inserted).await.expect(200), expected, "{inserted}");
        }
        let by_host = anybody.request(Method::GET, name).header("host", "acme.127.0.0.1");
        assert_eq!(anybody.send(by_host).await.expect(200), expected);
        // What a proxy or a client says of the host is no part of an issuer.
        let forged = anybody
            .request(Method::GET, name)
            .header("x-forwarded-host", "evil.example");
        assert_eq!(anybody.send(forged).await.expect(200)[member], app.base);
    }
    let resource = acme.anybody().get(RESOURCE).await.expect(200);
    assert_eq!(resource["authorization_servers"], serde_json::json!([acme.base]));
}

#[tokio::test]
async fn a_tenant_that_is_not_there_is_refused_in_the_words_of_the_protocol_and_a_suspended_one_can_be_read() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    let anybody = app.default_tenant().anybody();
    for path in ALL {
        assert_refused(&anybody.get(&format!("/t/nobody{path}")).await, 404, "invalid_request");
        let inserted = anybody.get(&format!("{path}/t/nobody")).await;
        assert_refused(&inserted, 404, "invalid_request");
    }
    assert_refused(&anybody.get("/.well-known/nothing").await, 404, "invalid_request");
    assert_refused(&anybody.get("/oauth2/nothing").await, 404, "invalid_request");

    anybody.get("/t/acme/.well-known/jwks.json").await.expect(200);
    suspend(&app).await;
    // What tokens are worth that are out can still be told, and none is given out.
    for path in ALL {
        anybody.get(&format!("/t/acme{path}")).await.expect(200);
    }
    anybody.get(&format!("{OPENID}/t/acme")).await.expect(200);
    for path in ["/oauth2/userinfo", "/oauth2/authorize?client_id=x"] {
        assert_refused(&anybody.get(&format!("/t/acme{path}")).await, 403, "access_denied");
    }
}

async fn suspend(app: &TestApp) {
    use tenantry::{kit::db::Mode, tenant};
    let services = &app.app.services;
    let suspended = services
        .db
        .run_system(Mode::Write, async |tx| tenant::set_suspended(tx, "acme", true).await);
    assert!(suspended.await.unwrap());
    // What a server knows of a tenant, it knows for a second.
    app.advance(1);
}

#[tokio::test]
async fn a_document_may_be_kept_and_is_sent_again_only_if_it_is_another() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    for (path, age) in ALL.map(|path| (path, if path == JWKS { 900 } else { 300 })) {
        for round in ["made now", "ready"] {
            let whole = anybody.get(path).await;
            assert_eq!(whole.status, 200, "{path} {round}");
            let tag = whole.header("etag").to_owned();
            assert!(tag.starts_with('"') && tag.len() > 20, "{tag}");
            assert_eq!(whole.header("cache-control"), format!("public, max-age={age}"));
            assert_eq!(whole.header("content-type"), "application/json");
            let head = anybody.send(anybody.request(Method::HEAD, path)).await;
            assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""), "{path} {round}");
            assert_eq!(head.header("etag"), tag);
            for (known, status) in [
                (&*tag, 304),
                ("\"other\"", 200),
                ("*", 304),
                (&*format!("W/{tag}"), 304),
            ] {
                let again = anybody.request(Method::GET, path).header("if-none-match", known);
                let again = anybody.send(again).await;
                assert_eq!(again.status.as_u16(), status, "{path} {known} {round}");
                assert_eq!(again.header("etag"), tag);
                assert_eq!(again.text.is_empty(), status == 304);
            }
        }
    }
    let owner = tenant.owner().await;
    let before = anybody.get(JWKS).await;
    let rotate = "/apis/console/v1alpha1/signing-keys/-/rotate";
    owner
        .post(rotate, &serde_json::json!({ "algorithm": "ES256" }))
        .await
        .expect(200);
    // Where several servers share a database, they publish it within a second.
    app.advance(1);
    let after = anybody.get(JWKS).await;
    assert_ne!(before.header("etag"), after.header("etag"));
    assert_eq!(after.json()["keys"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_page_of_any_origin_may_read_the_documents_and_nothing_else_of_it_is_let_in() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    for path in ALL {
        for round in ["made now", "ready"] {
            let get = anybody
                .request(Method::GET, path)
                .header("origin", "https://app.example");
            let reply = anybody.send(get).await;
            assert_eq!(reply.header("access-control-allow-origin"), "*", "{path} {round}");
            assert_eq!(reply.header("access-control-allow-credentials"), "", "{path} {round}");
            assert_eq!(reply.header("cross-origin-resource-policy"), "cross-origin");
        }
        let ask = anybody
            .request(Method::OPTIONS, path)
            .header("origin", "https://app.example")
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "if-none-match");
        let reply = anybody.send(ask).await;
        assert_eq!(reply.status, 204);
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert_eq!(reply.header("access-control-allow-methods"), "GET, HEAD");
        assert_eq!(reply.header("access-control-allow-headers"), "*");
    }
}

#[tokio::test]
async fn another_method_is_refused_with_the_ones_there_are() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    for path in ALL {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let reply = anybody.send(anybody.request(method, path)).await;
            assert_refused(&reply, 405, "invalid_request");
            assert_eq!(reply.header("allow"), "GET, HEAD", "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_announced_is_served_and_an_empty_list_is_left_out() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let anybody = acme.anybody();
    let openid = anybody.get(OPENID).await.expect(200);
    assert_eq!(anybody.get(SERVER).await.expect(200), openid);
    assert_eq!(openid["id_token_signing_alg_values_supported"][0], "RS256");
    for (name, value) in openid.as_object().unwrap() {
        assert_ne!(*value, serde_json::json!([]), "{name}");
        let address = value
            .as_str()
            .filter(|_| name.ends_with("_endpoint") || name == "jwks_uri");
        let Some(address) = address else { continue };
        let path = address.strip_prefix(acme.base.as_str()).expect("below the issuer");
        let reply = anybody.get(path).await;
        assert_ne!(reply.status.as_u16(), 404, "{name} {address}");
    }
}

#[tokio::test]
async fn every_word_of_the_protocol_has_a_page() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    let refused: Value = anybody.get("/.well-known/nothing").await.expect(404);
    let page = anybody.get(refused["error_uri"].as_str().unwrap()).await;
    assert!(
        page.status == 200 && page.text.starts_with("invalid_request\n"),
        "{}",
        page.text
    );
    for word in Word::ALL {
        let page = anybody.get(&format!("/problems/oauth/{}", word.as_str())).await;
        assert_eq!(page.status, 200, "{}", word.as_str());
    }
    anybody
        .get("/problems/oauth/none")
        .await
        .expect_problem(404, "not_found");
}
