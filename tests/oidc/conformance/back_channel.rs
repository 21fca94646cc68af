//! `oidcc-backchannel-rp-initiated-logout-certification-test-plan`.

use crate::{
    oidc::flow::{browser_of, code, redeem, request, shop},
    oidc::{decode, published, verify},
    support::{TestApp, receiver::Receiver},
};
use serde_json::json;

/// Not covered: nothing.
#[tokio::test]
async fn oidcc_backchannel_logout_discovery_endpoint_verification() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let found = tenant
        .anybody()
        .get("/.well-known/openid-configuration")
        .await
        .expect(200);
    assert_eq!(found["backchannel_logout_supported"], true);
    assert_eq!(found["backchannel_logout_session_supported"], true);
    assert_eq!(found["end_session_endpoint"], format!("{}/oauth2/logout", tenant.base));
}

/// Not covered: that the logout token comes before the browser is back, which the protocol does not ask for.
#[tokio::test]
async fn oidcc_backchannel_rp_initiated_logout() {
    const BYE: &str = "https://shop.example/bye";
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let receiver = Receiver::start();
    let spec = json!({ "backchannelLogoutUri": receiver.uri, "postLogoutRedirectUris": [BYE] });
    let secret = shop(&owner, spec).await;
    let browser = browser_of(&owner).await;
    let one = code(&browser, &request("shop", &[])).await;
    let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let hint = tokens["id_token"].as_str().unwrap();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", BYE),
            ("state", "x"),
        ])
        .finish();
    let sent = browser.open(&format!("/oauth2/logout?{query}")).await;
    assert_eq!(sent.leads(), format!("{BYE}?state=x"));
    app.work().await;
    let came = receiver.take();
    assert_eq!(came.len(), 1);
    let claims = verify(&came[0], &published(&tenant).await);
    let (header, id) = (decode(&came[0]).0, decode(hint).1);
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("RS256"), &json!("logout+jwt"))
    );
    for name in ["iss", "aud", "sub", "sid"] {
        assert_eq!(claims[name], id[name], "{claims}");
    }
    assert!(
        claims["nonce"].is_null() && claims["jti"].is_string() && claims["iat"].is_i64(),
        "{claims}"
    );
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(claims["events"], json!({ event: {} }));
    let silent = browser.open(&request("shop", &[("prompt", "none")])).await;
    assert!(silent.leads().contains("error=login_required"), "{}", silent.leads());
}
