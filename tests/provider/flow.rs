//! The way to a provider and back: what was not begun in this browser, for this provider and once, leads nowhere.

use super::{Scene, parameters, patch, set_up, switch, trusting, who};
use crate::support::{
    TestApp,
    limits::set_limits,
    roles::{CONSOLE, USERS, make_user},
};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn an_account_is_made_for_who_comes_first_and_is_theirs_when_they_come_again() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, trusting()).await;
    let browser = app.default_tenant().browser();
    let made = scene.join(&browser, "sub-1", "ada@example.com").await;
    assert_eq!(made.leads(), "/console/");
    assert_eq!(who(&browser).await, "ada");
    browser
        .open("/login?again=1")
        .await
        .expect(200, "Continue with Corp (used last)");
    let stranger = app.default_tenant().browser();
    stranger.open("/login").await.expect(200, "Continue with Corp</a>");
    let form = scene.issuer.last("/token");
    assert_eq!((&*form["client_id"], &*form["client_secret"]), ("rp", "hush hush"));
    assert_eq!(form["code_verifier"].len(), 43);

    let another = app.default_tenant().browser();
    // Whatever address it says now.
    let path = "/login/with/corp?return_to=/console/roles&lang=zh";
    let came = scene
        .come_from(&another, path, json!({ "email": "eve@example.com" }))
        .await;
    assert_eq!(came.leads(), "/console/roles");
    let users = scene.owner.get(&format!("{USERS}/ada")).await.expect(200);
    assert_eq!(users["user"]["spec"]["email"], "ada@example.com", "{users}");
    let listed = scene.owner.get(&format!("{CONSOLE}/auth-providers")).await.expect(200);
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["local", "corp"]);
    let events = scene
        .owner
        .get(&format!("{CONSOLE}/audit-events?action=sessions:create"))
        .await
        .expect(200);
    assert!(events.to_string().contains("provider/corp"), "{events}");
    let config = scene.owner.get(&format!("{}/corp", super::CONFIGS)).await.expect(200);
    assert!(config["status"]["lastSuccessAt"].is_string(), "{config}");
}

#[tokio::test]
async fn an_answer_is_taken_once_and_only_in_the_browser_tenant_and_provider_it_was_begun_for() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, trusting()).await;
    set_up(&scene.owner, "other", &scene.issuer.base, json!({})).await;
    let (mine, theirs) = (app.default_tenant().browser(), app.default_tenant().browser());
    let begun = parameters(&mine.open("/login/with/corp").await);
    scene.sign(&scene.claims(&begun, &json!({})));
    let back = scene.back(&begun);
    let held = mine.cookies.borrow().clone();
    // The attacker's answer in the victim's browser.
    theirs.open(&back).await.expect(400, "was not begun here");
    mine.open(&back.replace("/corp/", "/other/"))
        .await
        .expect(404, "not offered");
    mine.cookies.borrow_mut().extend(held.clone());
    mine.open(&back.replace("state=", "state=x"))
        .await
        .expect(400, "was not begun here");
    mine.open(&format!("{back}&code=c-2"))
        .await
        .expect(400, "was not begun here");
    let acme = app.tenant("acme").await;
    let elsewhere = acme.browser();
    elsewhere.cookies.borrow_mut().extend(mine.cookies.borrow().clone());
    elsewhere.open(&back).await.expect(400, "was not begun here");
    assert_eq!(scene.issuer.asked("/token"), 0);
    // The control.
    assert_eq!(mine.open(&back).await.leads(), "/login/identity");
    assert_eq!(scene.issuer.asked("/token"), 1);
    // With every cookie that there was.
    mine.cookies.borrow_mut().extend(held);
    mine.open(&back).await.expect(400, "was not begun here");
    assert_eq!(scene.issuer.asked("/token"), 1);
}

#[tokio::test]
async fn of_twins_one_goes_on() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, trusting()).await;
    let browser = app.default_tenant().browser();
    let begun = parameters(&browser.open("/login/with/corp").await);
    scene.sign(&scene.claims(&begun, &json!({})));
    let back = scene.back(&begun);
    let twins = (0..50).map(|_| browser.open(&back));
    let came = futures_util::future::join_all(twins).await;
    let went_on = came.iter().filter(|page| page.status() == 303).count();
    assert_eq!((went_on, scene.issuer.asked("/token")), (1, 1));
}

#[tokio::test]
async fn an_answer_of_another_issuer_or_of_none_is_not_exchanged() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, trusting()).await;
    let browser = app.default_tenant().browser();
    for change in [("iss=http", "iss=https"), ("&iss=", "&ignored=")] {
        let begun = parameters(&browser.open("/login/with/corp").await);
        let back = scene.back(&begun).replace(change.0, change.1);
        browser.open(&back).await.expect(400, "somewhere else");
    }
    assert_eq!(scene.issuer.asked("/token"), 0);
    let begun = parameters(&browser.open("/login/with/corp").await);
    scene.sign(&scene.claims(&begun, &json!({})));
    assert_eq!(browser.open(&scene.back(&begun)).await.status(), 303);
}

#[tokio::test]
async fn what_changes_between_going_and_coming_back_counts() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    let browser = app.default_tenant().browser();
    scene.join(&browser, "sub-1", "ada@example.com").await;
    let begin = async || {
        let begun = parameters(&browser.open("/login/with/corp").await);
        scene.sign(&scene.claims(&begun, &json!({})));
        scene.back(&begun)
    };
    browser.cookies.borrow_mut().clear();
    let back = begin().await;
    app.advance(601);
    browser.open(&back).await.expect(400, "too long ago");
    let back = begin().await;
    scene
        .owner
        .put(
            &format!("{CONSOLE}/auth-providers/corp/disable?confirm=true"),
            &Value::Null,
        )
        .await
        .expect(200);
    browser.open(&back).await.expect(404, "not offered");
    browser.open("/login/with/corp").await.expect(404, "not offered");
    switch(&scene.owner, "corp", "enable").await.expect(200);
    let back = begin().await;
    scene
        .owner
        .post(&format!("{USERS}/ada/disable"), &Value::Null)
        .await
        .expect(200);
    browser.open(&back).await.expect(401, "cannot sign in");
    scene
        .owner
        .post(&format!("{USERS}/ada/enable"), &Value::Null)
        .await
        .expect(200);
    let back = begin().await;
    // Only its look.
    patch(&scene.owner, "corp", json!({ "displayName": "Corporation" }))
        .await
        .expect(200);
    assert_eq!(browser.open(&back).await.leads(), "/console/");
    assert_eq!(who(&browser).await, "ada");
}

#[tokio::test]
async fn somebody_who_did_not_want_to_is_back_at_the_sign_in_and_a_refusal_is_told() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, trusting()).await;
    let browser = app.default_tenant().browser();
    for (error, status, leads) in [
        ("access_denied", 303, "/login"),
        ("server_error", 400, "did not sign you in"),
    ] {
        let begun = parameters(&browser.open("/login/with/corp").await);
        let back = scene.back(&begun).replace("code=c-1", &format!("error={error}"));
        let came = browser.open(&back).await;
        match status {
            303 => assert_eq!(came.leads(), leads),
            status => drop(came.expect(status, leads)),
        }
    }
    let config = scene.owner.get(&format!("{}/corp", super::CONFIGS)).await.expect(200);
    let told = config["status"]["lastError"].as_str().unwrap();
    assert!(told.contains("server_error"), "{told}");
}

#[tokio::test]
async fn going_is_limited_looking_ahead_is_nothing_and_a_browser_holds_five() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, trusting()).await;
    let mut browser = app.default_tenant().browser();
    browser.headers.insert("sec-purpose", "prefetch".parse().unwrap());
    assert_eq!(browser.open("/login/with/corp").await.status(), 204);
    assert!(browser.cookies.borrow().is_empty());
    browser.headers.clear();
    for _ in 0..8 {
        assert_eq!(browser.open("/login/with/corp").await.status(), 303);
        app.advance(1);
    }
    let cookies = browser.cookies.borrow().clone();
    let held = cookies
        .iter()
        .filter(|(name, value)| name.contains(".with-") && !value.is_empty());
    assert_eq!(held.count(), 5);
    set_limits(
        &scene.owner,
        json!({ "providerBeginNetwork": { "most": 9, "seconds": 600 } }),
    )
    .await;
    assert_eq!(browser.open("/login/with/corp").await.status(), 303);
    let refused = browser.open("/login/with/corp").await;
    assert_eq!(refused.status(), 429);
}

#[tokio::test]
async fn an_identity_is_added_only_from_a_form_of_ours_by_who_signed_in_a_moment_ago() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, json!({})).await;
    make_user(&scene.owner, "ada", "").await;
    let browser = app.default_tenant().browser();
    let path = "/login/with/corp?purpose=link";
    assert!(
        browser
            .open(path)
            .await
            .leads()
            .starts_with("/login?again=1&return_to=")
    );
    browser.sign_in("ada", crate::support::PASSWORD).await;
    let form = browser.open(path).await.expect(200, "Add Corp");
    let policy = form.reply.header("content-security-policy");
    assert!(policy.contains(&scene.issuer.base), "{policy}");
    // Another site cannot begin it: neither by an address nor by a form of its own.
    assert_eq!(browser.request(Method::POST, path, Some(vec![])).await.status(), 403);
    app.advance(301);
    assert!(
        browser
            .submit(&form, &[])
            .await
            .leads()
            .starts_with("/login?again=1&return_to=")
    );
    browser
        .fill(
            "/login?again=1",
            &[("username", "ada"), ("password", crate::support::PASSWORD)],
        )
        .await;
    let form = browser.open(path).await.expect(200, "Add Corp");
    let begun = parameters(&browser.submit(&form, &[]).await);
    scene.sign(&scene.claims(&begun, &json!({ "email": "else@example.org" })));
    // Not by another session, even of the same person.
    browser
        .fill(
            "/login?again=1",
            &[("username", "ada"), ("password", crate::support::PASSWORD)],
        )
        .await;
    browser
        .open(&scene.back(&begun))
        .await
        .expect(400, "was not begun here");
    let form = browser.open(path).await.expect(200, "Add Corp");
    let begun = parameters(&browser.submit(&form, &[]).await);
    scene.sign(&scene.claims(&begun, &json!({ "email": "else@example.org" })));
    assert_eq!(browser.open(&scene.back(&begun)).await.leads(), "/console/");
    let another = app.default_tenant().browser();
    assert_eq!(scene.come(&another, json!({})).await.leads(), "/console/");
    assert_eq!(who(&another).await, "ada");
}

#[tokio::test]
async fn an_identity_of_somebody_else_is_not_added_and_no_name_is_told() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    scene
        .join(&app.default_tenant().browser(), "sub-1", "ada@example.com")
        .await;
    let path = "/login/with/corp?purpose=link";
    make_user(&scene.owner, "eve", "").await;
    let eve = app.default_tenant().browser();
    eve.sign_in("eve", crate::support::PASSWORD).await;
    let form = eve.open(path).await.expect(200, "Add Corp");
    let begun = parameters(&eve.submit(&form, &[]).await);
    scene.sign(&scene.claims(&begun, &json!({})));
    let refused = eve
        .open(&scene.back(&begun))
        .await
        .expect(409, "belongs to another account");
    // What stands on the page: names of files may have any letters.
    let (_, page) = refused.reply.text.split_once("<main>").unwrap();
    assert!(!page.contains("ada"), "{page}");
}
