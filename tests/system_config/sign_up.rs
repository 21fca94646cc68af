//! What the settings mean to those who sign up, and on the pages.

use super::GROUPS;
use crate::support::{
    PASSWORD, TestApp,
    browser::plain,
    roles::{CONSOLE, allow, grant, make_role, roles_of, set_rules},
};
use serde_json::json;

#[tokio::test]
async fn whoever_signs_up_gets_the_role_for_newcomers() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_role(&owner, "customer", "", &[allow("roles", "list")]).await;
    let user = format!("{GROUPS}/user");
    tenant.sign_up("before").await;
    owner
        .put(&user, &json!({ "defaultRole": "Customer" }))
        .await
        .expect(204);
    let ada = tenant.sign_up("ada").await;
    assert_eq!(roles_of(&owner, "ada").await, ["customer"]);
    assert_eq!(roles_of(&owner, "before").await, [""; 0]);
    ada.get(&format!("{CONSOLE}/roles")).await.expect(200);

    // As long as it is given, another role of its name cannot take its place.
    let role = format!("{CONSOLE}/roles/customer");
    owner.delete(&role).await.expect_problem(409, "role_in_use");
    owner
        .delete(&format!("{role}?replacement=user"))
        .await
        .expect_problem(409, "role_in_use");
    owner.put(&user, &json!({})).await.expect(204);
    owner.delete(&role).await.expect_problem(409, "role_in_use");
    grant(&owner, "ada", "").await.expect(200);
    owner.delete(&role).await.expect(204);
    make_role(&owner, "customer", "", &[]).await;
    set_rules(&owner, "customer", &[]).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn names_that_are_protected_are_taken_for_those_who_sign_up() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let protected = json!({ "protectedUsernames": ["Root", "grace"] });
    owner.put(&format!("{GROUPS}/user"), &protected).await.expect(204);
    let anybody = tenant.anybody();
    let new = |name: &str| json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD });
    let register = "/v1/register";
    for name in ["root", "ROOT"] {
        let reply = anybody.post(register, &new(name)).await;
        assert!(reply.text.contains("USER_NAME_TAKEN"), "{}", reply.text);
    }
    // One that is made of an address is another.
    let by_address = json!({
        "user": { "email": "grace@example.com", "firstName": "Grace", "lastName": "Hopper" },
        "password": PASSWORD, "confirmPassword": PASSWORD,
    });
    let made = anybody.post("/api/auth/register", &by_address).await;
    assert!(made.status.is_success(), "{}", made.text);
    let users = owner.get(&format!("{CONSOLE}/users?keyword=grace")).await.expect(200);
    assert_ne!(users["items"][0]["user"]["metadata"]["name"], "grace");
    // An administrator gives it.
    let root = json!({ "name": "root", "email": "root@example.com" });
    owner.post(&format!("{CONSOLE}/users"), &root).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn pages_show_where_people_find_more() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let before = tenant.browser().open("/login").await.expect(200, "Sign in");
    assert!(!before.reply.text.contains("mailto:") && !before.reply.text.contains("subtitle"));
    let basic = json!({
        "title": "Acme", "subtitle": "Tools <for> birds", "contactEmail": "help@acme.example",
        "helpUrl": "https://acme.example/help", "termsUrl": "https://acme.example/terms",
        "privacyUrl": "https://acme.example/privacy",
    });
    owner.put(&format!("{GROUPS}/basic"), &basic).await.expect(204);
    let page = tenant.browser().open("/login").await.expect(200, "Sign in");
    let text = page.reply.text.replace("&#x2f;", "/");
    for link in [
        "mailto:help@acme.example",
        "https://acme.example/help",
        "https://acme.example/terms",
        "https://acme.example/privacy",
    ] {
        assert!(text.contains(&format!("<a href=\"{link}\">")), "{link}: {text}");
    }
    assert!(
        plain(&page.reply.text).contains("Tools <for> birds"),
        "{}",
        page.reply.text
    );
    assert!(!page.reply.text.contains("<for>"), "{}", page.reply.text);
}
