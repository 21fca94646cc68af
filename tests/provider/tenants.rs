//! A tenant of ours as the provider of another one.

use super::{CONFIGS, parameters, set_up, who};
use crate::{
    application::{make, secret_of},
    support::{PASSWORD, Tenant, TestApp, browser::plain},
};
use reqwest::Method;
use serde_json::json;

/// Makes `acme` the provider of the default tenant, with the account `ada` there; answers the secret.
async fn make_provider(app: &TestApp, acme: &Tenant<'_>) -> String {
    let (there, here) = (acme.owner().await, app.default_tenant().owner().await);
    let redirect = format!("{}/login/with/acme/callback", app.base);
    let spec = json!({ "redirectUris": [redirect], "firstParty": true, "scopes": ["openid", "profile", "email"] });
    make(&there, "rp", "web-server", spec).await;
    let secret = secret_of(&there, "rp").await.1;
    acme.sign_up_proven("ada").await;
    let spec = json!({
        "displayName": "Acme", "clientSecret": secret, "authMethod": "basic", "emailTrust": "claim",
        "domains": ["example.com"],
    });
    set_up(&here, "acme", &acme.base, spec).await;
    secret
}

#[tokio::test]
async fn somebody_signs_in_to_one_tenant_with_their_account_of_another() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let secret = make_provider(&app, &acme).await;
    let here = app.default_tenant().owner().await;
    let redirect = format!("{}/login/with/acme/callback", app.base);
    let browser = app.default_tenant().browser();
    let page = browser
        .open("/login?return_to=/console/users")
        .await
        .expect(200, "Continue with Acme");
    assert!(
        plain(&page.reply.text).contains("/login/with/acme?return_to="),
        "{}",
        page.reply.text
    );
    let sent = browser.open("/login/with/acme?return_to=/console/users").await;
    let begun = parameters(&sent);
    assert_eq!(begun["redirect_uri"], redirect);
    assert_eq!(begun["code_challenge_method"], "S256");
    let path = sent.leads().strip_prefix(&app.base).unwrap().to_owned();
    assert!(path.starts_with("/t/acme/oauth2/authorize?"), "{path}");
    let to_sign_in = browser.request(Method::GET, &path, None).await;
    let form = browser.request(Method::GET, to_sign_in.leads(), None).await;
    let signed_in = browser
        .submit(&form, &[("username", "ada"), ("password", PASSWORD)])
        .await;
    let authorized = browser.request(Method::GET, signed_in.leads(), None).await;
    let back = authorized.leads().strip_prefix(&app.base).unwrap().to_owned();
    assert!(back.starts_with("/login/with/acme/callback?"), "{back}");
    let came = browser.request(Method::GET, &back, None).await;
    assert!(
        came.leads().starts_with("/login/identity?return_to="),
        "{}",
        came.leads()
    );
    let form = browser.request(Method::GET, came.leads(), None).await;
    let form = form.expect(200, "An account is made for you");
    assert_eq!(browser.submit(&form, &[]).await.leads(), "/console/users");
    assert_eq!(who(&browser).await, "ada");
    let config = here.get(&format!("{CONFIGS}/acme")).await.expect(200);
    assert_eq!(config["status"]["redirectUri"], redirect);
    assert!(!config.to_string().contains(&secret));
    let again = browser.request(Method::GET, &back, None).await;
    again.expect(400, "was not begun here");
}
