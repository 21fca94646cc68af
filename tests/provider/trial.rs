//! Trying a provider, before anybody is let in by it.

use super::{CONFIGS, Scene, parameters, set_up, switch, trusting, who};
use crate::support::{
    Person, TestApp,
    browser::{Browser, Page},
    issuer::Issuer,
    roles::{CONSOLE, allow, make_person, make_role, make_user},
};
use serde_json::{Value, json};

const TEST: &str = "/apis/console/v1alpha1/auth-provider-configs/corp/test";
const TRY: &str = "/login/with/corp?purpose=try";

async fn checks(owner: &Person<'_>) -> Vec<(String, bool, String)> {
    let looked = owner.post(TEST, &Value::Null).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = looked["checks"].as_array().unwrap().iter();
    let check = |one: &Value| (text(&one["check"]), one["ok"].as_bool().unwrap(), text(&one["detail"]));
    checks.map(check).collect()
}

/// How many trials are written down.
async fn trials(owner: &Person<'_>) -> usize {
    let path = format!("{CONSOLE}/audit-events?action=auth-provider-configs:test");
    owner.get(&path).await.expect(200)["items"].as_array().unwrap().len()
}

/// A browser in which an administrator is signed in.
async fn administrator<'a>(scene: &Scene<'a>) -> Browser<'a> {
    let browser = scene.owner.tenant.browser();
    browser.sign_in("admin", crate::support::PASSWORD).await.leads();
    browser
}

/// Goes to the provider to try it and comes back as somebody of whom it says this.
async fn tried(scene: &Scene<'_>, browser: &Browser<'_>, more: Value) -> Page {
    scene.come_from(browser, TRY, more).await
}

#[tokio::test]
async fn what_can_be_seen_of_a_provider_is_told_without_anybody_who_signs_in() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, json!({})).await;
    let (owner, issuer) = (&scene.owner, &scene.issuer);
    let names = |checks: &[(String, bool, String)]| {
        let each = checks.iter().map(|(name, ok, _)| format!("{name} {ok}"));
        each.collect::<Vec<_>>().join(", ")
    };
    // It knows us, and not the code.
    issuer.can("/token", 400, &json!({ "error": "invalid_grant" }));
    let seen = checks(owner).await;
    assert_eq!(names(&seen), "metadata true, keys true, credentials true");
    assert!(
        seen[0].2.contains(&issuer.base) && seen[0].2.contains("ES256"),
        "{seen:?}"
    );
    assert_eq!(seen[1].2, "keys: 1");
    assert!(seen[2].2.contains("invalid_grant"), "{seen:?}");
    let form = issuer.last("/token");
    assert_eq!(form["redirect_uri"], format!("{}/login/with/corp/callback", app.base));

    issuer.can("/token", 401, &json!({ "error": "invalid_client" }));
    let seen = checks(owner).await;
    assert_eq!(names(&seen), "metadata true, keys true, credentials false");
    assert!(seen[2].2.contains("invalid_client"), "{seen:?}");
    issuer.gives("anything");
    assert!(!checks(owner).await[2].1, "a code that nobody gave out was taken");
    issuer.can("/token", 503, &json!({}));
    assert_eq!(
        names(&checks(owner).await),
        "metadata true, keys true, credentials false"
    );
    app.advance(120);
    issuer.can("/jwks", 200, &json!({ "keys": 3 }));
    assert!(!checks(owner).await[1].1);
    issuer.publish(&json!({ "issuer": "https://another.example.com" }));
    let seen = checks(owner).await;
    assert_eq!(names(&seen), "metadata false");
    assert!(seen[0].2.contains("another.example.com"), "{seen:?}");
    assert_eq!(trials(owner).await, 6);
    // Owners are told of the provider.
    app.work().await;
}

#[tokio::test]
async fn a_provider_is_tried_by_who_may_and_ten_times_a_minute() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, json!({})).await;
    make_role(&scene.owner, "reader", "user", &[allow("auth-provider-configs", "get")]).await;
    let clerk = make_person(&scene.owner, "clerk", "reader").await;
    assert_eq!(
        clerk.post(TEST, &Value::Null).await.problem(),
        (403, "forbidden".to_owned())
    );
    let nowhere = TEST.replace("corp", "nowhere");
    let nowhere = scene.owner.post(&nowhere, &Value::Null).await;
    assert_eq!(nowhere.problem(), (404, "provider_not_found".to_owned()));
    let bare = json!({ "metadata": { "name": "bare" }, "spec": { "kind": "oidc", "displayName": "Bare" } });
    scene.owner.post(CONFIGS, &bare).await.expect(200);
    let bare = scene.owner.post(&TEST.replace("corp", "bare"), &Value::Null).await;
    assert_eq!(bare.problem(), (409, "provider_incomplete".to_owned()));
    for _ in 0..8 {
        scene.owner.post(TEST, &Value::Null).await.expect(200);
    }
    scene.owner.post(TEST, &Value::Null).await.expect(429);
    app.advance(61);
    scene.owner.post(TEST, &Value::Null).await.expect(200);
    // Owners are told of the provider.
    app.work().await;
}

#[tokio::test]
async fn a_dry_run_shows_what_is_said_and_what_would_become_of_somebody_like_that() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, trusting()).await;
    let browser = administrator(&scene).await;
    let good = json!({ "email": "ada@example.com", "email_verified": true, "name": "<b>Ada</b>" });
    let page = tried(&scene, &browser, good.clone())
        .await
        .expect(200, "Dry run of Corp");
    let text = page.reply.text;
    for words in [
        "It means you by sub-1.",
        "ada@example.com counts as proven",
        "No account has the address: one would be made.",
        "email_verified: true",
        "&lt;b&gt;Ada",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // The same once more: nothing was kept.
    tried(&scene, &browser, good.clone())
        .await
        .expect(200, "one would be made");
    let not_good = json!({ "email": "ada@example.com", "email_verified": false });
    let page = tried(&scene, &browser, not_good).await.expect(200, "proves nothing");
    page.expect(200, "would be asked for an address");
    make_user(&scene.owner, "ada", "user").await;
    let mine = json!({ "email": "ada@example.com", "verified": true });
    scene
        .owner
        .put(&format!("{CONSOLE}/users/ada/email"), &mine)
        .await
        .expect(200);
    tried(&scene, &browser, good.clone())
        .await
        .expect(200, "linked after a code");
    let page = tried(&scene, &browser, json!({ "aud": "else" })).await;
    page.expect(200, "It failed:");
    // Nor what the provider refuses.
    let begun = parameters(&browser.open(TRY).await);
    let back = scene.back(&begun).replace("code=c-1", "error=temporarily_unavailable");
    let page = browser.open(&back).await.expect(200, "Dry run of Corp");
    page.expect(200, "the authorization endpoint says temporarily_unavailable");
    assert_eq!(who(&browser).await, "admin");
    let identities = scene
        .owner
        .get(&format!("{CONSOLE}/users/-/identities"))
        .await
        .expect(200);
    assert_eq!(identities["items"], json!([]));
    let config = scene.owner.get(&format!("{CONFIGS}/corp")).await.expect(200);
    assert!(
        config["status"]["lastSuccessAt"].is_null() && config["status"]["lastError"].is_null(),
        "{config}"
    );

    // Who is linked would be signed in.
    let another = scene.owner.tenant.browser();
    scene.join(&another, "sub-2", "eve@example.com").await.leads();
    tried(&scene, &browser, json!({ "sub": "sub-2" }))
        .await
        .expect(200, "signed in as eve");
    assert_eq!(trials(&scene.owner).await, 7);
}

#[tokio::test]
async fn a_dry_run_is_of_who_may_try_and_ends_in_the_session_that_began_it() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, trusting()).await;
    // Before anybody is let in.
    switch(&scene.owner, "corp", "disable").await.expect(200);
    let stranger = app.default_tenant().browser();
    let sent = stranger.open(TRY).await;
    assert_eq!(sent.leads(), "/login?return_to=%2Flogin%2Fwith%2Fcorp%3Fpurpose%3Dtry");
    make_user(&scene.owner, "ada", "user").await;
    stranger.sign_in("ada", crate::support::PASSWORD).await.leads();
    stranger.open(TRY).await.expect(403, "");
    let browser = administrator(&scene).await;
    let begun = parameters(&browser.open(TRY).await);
    scene.sign(&scene.claims(&begun, &json!({})));
    let back = scene.back(&begun);
    // Somebody else signs in meanwhile.
    let held = browser.cookies.borrow().clone();
    browser.cookies.borrow_mut().extend(stranger.cookies.borrow().clone());
    browser.open(&back).await.expect(400, "was not begun here");
    browser.cookies.borrow_mut().extend(held);
    // It is used up.
    browser.open(&back).await.expect(400, "was not begun here");
    // The control.
    tried(&scene, &browser, json!({})).await.expect(200, "Dry run of Corp");
    let other = Issuer::start();
    set_up(&scene.owner, "other", &other.base, json!({})).await;
    browser
        .open(&TRY.replace("corp", "nowhere"))
        .await
        .expect(404, "not offered");
}
