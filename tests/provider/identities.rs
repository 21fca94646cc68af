//! The accounts elsewhere that people sign in with: seen and removed, by them and by administrators.

use super::{Scene, set_up, switch, trusting, use_provider, who};
use crate::support::{
    PASSWORD, Person, TestApp,
    issuer::Issuer,
    roles::{USERS, make_person},
};
use reqwest::Method;
use serde_json::json;

const OWN: &str = "/apis/console/v1alpha1/users/-/identities";
/// A second identity of whoever has one.
const COLUMNS: &str = "provider_id, subject, issuer, user_id, display, email_verified, linked_at, linked_by";
const VALUES: &str = "provider.id, 'other', 'x', user_id, 'x', false, linked_at, 'link'";

async fn names(person: &Person<'_>, path: &str) -> Vec<String> {
    let list = person.get(path).await.expect(200);
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| item["metadata"]["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn identities_are_seen_and_removed_by_whose_they_are() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    app.default_tenant().sign_up_proven("ada").await;
    let id = use_provider(&owner, "ada", "corp", "auth0|5 ü").await;
    use_provider(&owner, "ada", "shop", "2").await;
    app.work().await;
    let ada = app.default_tenant().sign_in("ada").await;
    assert_eq!(names(&ada, OWN).await, ["corp/auth0|5 ü", "shop/2"]);
    assert_eq!(
        names(&ada, &format!("{OWN}?fieldSelector=spec.provider=shop")).await,
        ["shop/2"]
    );
    let newest = format!("{OWN}?sort=metadata.creationTimestamp,desc");
    assert_eq!(names(&ada, &newest).await, ["shop/2", "corp/auth0|5 ü"]);
    let whole = ada.get(OWN).await.expect(200)["items"][0].clone();
    assert_eq!(whole["spec"]["displayName"], "ada.there");
    assert_eq!(whole["status"]["linkedBy"], "link");
    // Nobody else has them.
    let bob = app.default_tenant().sign_up("bob").await;
    assert!(names(&bob, OWN).await.is_empty());
    let path = format!("{OWN}/corp/auth0%7C5%20%C3%BC");
    bob.delete(&path).await.expect_problem(404, "identity_not_found");
    ada.delete(&format!("{OWN}/corp/other"))
        .await
        .expect_problem(404, "identity_not_found");

    ada.delete(&path).await.expect(204);
    ada.delete(&path).await.expect_problem(404, "identity_not_found");
    assert_eq!(names(&ada, OWN).await, ["shop/2"]);
    app.work().await;
    let mail = owner.inbox("ada@example.com").await.remove(0);
    assert!(mail.subject().contains("Corp was removed"), "{}", mail.subject());
    // When, and from where.
    let day = app.clock.now().format("This was done on %Y-%m-%d");
    let said = mail.text().contains(&day.to_string()) && mail.text().contains(" UTC from 127.0.0.1.");
    assert!(said, "{}", mail.text());
    let trail = owner
        .get("/apis/console/v1alpha1/audit-events?fieldSelector=action=users/identities:delete")
        .await
        .expect(200);
    assert_eq!(trail["items"][0]["action"], "users/identities:delete", "{trail}");
    let again = use_provider(&owner, "bob", "corp", "auth0|5 ü").await;
    assert_eq!(again, id, "it is free");
    app.work().await;
}

#[tokio::test]
async fn a_sign_in_of_long_ago_removes_no_identity() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    let ada = app.default_tenant().sign_up("ada").await;
    let id = use_provider(&owner, "ada", "corp", "1").await;
    app.advance(5 * 60);
    let late = ada.delete(&format!("{OWN}/corp/1")).await;
    late.expect_problem(403, "reauthentication_required");
    let theirs = format!("/auth/v1/users/me/idps/{id}/1");
    let late = ada.delete(&theirs).await.expect(403);
    assert_eq!(late["code"], 7, "{late}");
    let now = app.default_tenant().sign_in("ada").await;
    let removed = now.delete(&theirs).await.expect(200);
    assert!(removed["details"]["sequence"].is_string(), "{removed}");
    let search = "/auth/v1/users/me/idps/_search";
    let none = now.post(search, &json!({})).await.expect(200);
    assert_eq!(
        (&none["details"]["totalResult"], &none["result"]),
        (&json!("0"), &json!([]))
    );
}

#[tokio::test]
async fn the_last_way_into_an_account_stays() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    let mut browser = app.default_tenant().browser();
    browser.headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
    scene.join(&browser, "sub-1", "ada@example.com").await;
    assert_eq!(who(&browser).await, "ada");
    let path = format!("{OWN}/corp/sub-1");
    let last = browser.request(Method::DELETE, &path, None).await;
    last.reply.expect_problem(409, "last_sign_in_method");
    // One that is disabled is no other way in, and one that is enabled is.
    let more = Issuer::start();
    set_up(&scene.owner, "shop", &more.base, json!({ "displayName": "Shop" })).await;
    app.execute(&format!(
        "insert into identity ({COLUMNS}) select {VALUES} from identity, provider where provider.name = 'shop'"
    ))
    .await;
    switch(&scene.owner, "shop", "disable").await.expect(200);
    let last = browser.request(Method::DELETE, &path, None).await;
    last.reply.expect_problem(409, "last_sign_in_method");
    switch(&scene.owner, "shop", "enable").await.expect(200);
    let path = format!("{OWN}/shop/other");
    browser.request(Method::DELETE, &path, None).await.reply.expect(204);
    // An administrator may all the same: who has the address chooses a password.
    let theirs = format!("{USERS}/ada/identities");
    scene.owner.delete(&format!("{theirs}/corp/sub-1")).await.expect(204);
    assert!(names(&scene.owner, &theirs).await.is_empty());
}

#[tokio::test]
async fn nobody_removes_an_identity_of_somebody_who_may_more() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    use_provider(&owner, "admin", "corp", "1").await;
    app.default_tenant().sign_up("ada").await;
    use_provider(&owner, "ada", "corp", "2").await;
    let support = make_person(&owner, "helper", "support").await;
    let path = |user: &str, subject: &str| format!("{USERS}/{user}/identities/corp/{subject}");
    support
        .delete(&path("admin", "1"))
        .await
        .expect_problem(403, "escalation");
    support.delete(&path("ada", "2")).await.expect(204);
    let auditor = make_person(&owner, "reader", "auditor").await;
    assert_eq!(names(&auditor, &format!("{USERS}/admin/identities")).await, ["corp/1"]);
    auditor
        .delete(&path("admin", "1"))
        .await
        .expect_problem(403, "forbidden");
}

#[tokio::test]
async fn who_chooses_another_password_by_mail_sees_what_else_signs_in() {
    let mut app = TestApp::start().await;
    // The mail that the password was changed.
    app.abandon_jobs();
    let scene = Scene::new(&app, trusting()).await;
    let hers = app.default_tenant().browser();
    scene.join(&hers, "sub-1", "ada@example.com").await.leads();
    let browser = app.default_tenant().browser();
    browser.fill("/login/forgot", &[("email", "ada@example.com")]).await;
    app.work().await;
    let mail = scene.owner.inbox("ada@example.com").await.remove(0);
    let named = mail.text().contains("These sign in to the account as well: Corp");
    assert!(named, "{}", mail.text());
    let token = mail.token();
    let form = browser.open(&format!("/login/reset?token={token}")).await;
    let done = browser.submit(&form, &[("new_password", PASSWORD)]).await;
    let done = done.expect(200, "Your password is changed");
    done.expect(200, "<li>Corp: ada@example.com</li>");
}
