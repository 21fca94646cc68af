//! The applications that people signed in to, and their end.

use super::{
    TOKEN, assert_refused, call,
    flow::{CALLBACK, USERINFO, browser_of, code, redeem, request, shop},
    post_form,
};
use crate::{
    application::{make, secret_of},
    support::{
        PASSWORD, Person, Reply, TestApp,
        browser::Browser,
        roles::{USERS, make_user},
    },
};
use reqwest::Method;
use serde_json::{Value, json};

const OWN: &str = "/apis/console/v1alpha1/users/-/applications";

/// Makes an application of the tenant's own, to which somebody signs in.
pub(crate) async fn use_application(owner: &Person<'_>, user: &str, name: &str) {
    enter(owner, user, name, (json!({}), 1)).await;
}

/// Makes `told`, which is told that three sessions of its own have ended.
pub(crate) async fn end_told_sessions(owner: &Person<'_>) {
    let spec = json!({ "backchannelLogoutUri": "http://127.0.0.1:9/ended" });
    enter(owner, &owner.name, "told", (spec, 3)).await;
    owner.delete(&format!("{OWN}/told")).await.expect(204);
}

/// Makes an application with this spec besides, to which somebody signs in so many times.
async fn enter(owner: &Person<'_>, user: &str, name: &str, (spec, times): (Value, usize)) {
    let mut whole = json!({ "redirectUris": [CALLBACK], "firstParty": true });
    whole.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    make(owner, name, "web-server", whole).await;
    let secret = secret_of(owner, name).await.1;
    let browser = owner.tenant.browser();
    browser.sign_in(user, PASSWORD).await;
    for _ in 0..times {
        let one = code(&browser, &request(name, &[])).await;
        redeem(&owner.tenant, (name, &secret), &one, &[]).await.expect(200);
    }
}

/// Makes `guest`, which is of somebody else, and returns its secret.
async fn guest(owner: &Person<'_>) -> String {
    let spec = json!({ "redirectUris": [CALLBACK], "firstParty": false, "scopes": ["openid", "profile", "email"] });
    make(owner, "guest", "web-server", spec).await;
    secret_of(owner, "guest").await.1
}

/// Lets an application in that asks, and returns its code.
async fn consent(browser: &Browser<'_>, path: &str) -> String {
    let asked = browser.open(path).await;
    let page = super::flow::follow(browser, &asked).await;
    let back = browser.submit(&page, &[]).await;
    super::flow::told(&super::flow::follow(browser, &back).await)["code"].clone()
}

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| item["metadata"]["name"].as_str().unwrap()).collect()
}

async fn renew(owner: &Person<'_>, by: (&str, &str), tokens: &Value) -> Reply {
    let token = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    post_form(&owner.tenant, TOKEN, Some(by), &form).await
}

/// `guest` with what it was let have, and `shop`, about which nobody was asked.
fn check_listed(listed: &Value) {
    let (guest, shop) = (&listed["items"][0], &listed["items"][1]);
    let scopes: Vec<_> = guest["spec"]["consents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["scope"])
        .collect();
    assert_eq!(scopes, ["email", "openid"]);
    assert_eq!(
        (&guest["spec"]["firstParty"], &shop["spec"]["firstParty"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        (&shop["spec"]["consents"], &shop["status"]["sessions"]),
        (&json!([]), &json!(1))
    );
    assert_eq!(guest["status"]["offline"], false);
}

#[tokio::test]
async fn people_see_the_applications_they_signed_in_to_and_end_one_with_all_its_tokens() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let of_shop = shop(&owner, json!({})).await;
    let of_guest = guest(&owner).await;
    let browser = browser_of(&owner).await;
    let ada = tenant.sign_in("ada").await;
    assert_eq!(names(&ada.get(OWN).await.expect(200)), [""; 0]);

    let scope = [("scope", "openid email")];
    let one = code(&browser, &request("shop", &[])).await;
    let own = redeem(&tenant, ("shop", &of_shop), &one, &[]).await.expect(200);
    let one = consent(&browser, &request("guest", &scope)).await;
    let foreign = redeem(&tenant, ("guest", &of_guest), &one, &[]).await.expect(200);
    let unused = code(&browser, &request("guest", &scope)).await;
    let listed = ada.get(OWN).await.expect(200);
    assert_eq!(names(&listed), ["guest", "shop"]);
    check_listed(&listed);
    let found = ada
        .get(&format!("{OWN}?fieldSelector=metadata.name%3Dshop"))
        .await
        .expect(200);
    assert_eq!(names(&found), ["shop"]);

    // Nobody else has any, or ends any of theirs.
    assert_eq!(names(&owner.get(OWN).await.expect(200)), [""; 0]);
    owner
        .delete(&format!("{OWN}/guest"))
        .await
        .expect_problem(404, "application_not_found");

    ada.delete(&format!("{OWN}/guest")).await.expect(204);
    assert_eq!(names(&ada.get(OWN).await.expect(200)), ["shop"]);
    ada.delete(&format!("{OWN}/guest"))
        .await
        .expect_problem(404, "application_not_found");
    let access = |tokens: &Value| tokens["access_token"].as_str().unwrap().to_owned();
    assert_eq!(
        call(&tenant, Method::GET, USERINFO, &access(&foreign)).await.status,
        401
    );
    assert_refused(
        &renew(&owner, ("guest", &of_guest), &foreign).await,
        400,
        "invalid_grant",
    );
    assert_refused(
        &redeem(&tenant, ("guest", &of_guest), &unused, &[]).await,
        400,
        "invalid_grant",
    );
    // The other one goes on, and who was ended asks again.
    call(&tenant, Method::GET, USERINFO, &access(&own)).await.expect(200);
    renew(&owner, ("shop", &of_shop), &own).await.expect(200);
    let asked = browser.open(&request("guest", &scope)).await;
    assert!(asked.leads().starts_with("/t/acme/login/consent?"), "{}", asked.leads());
}

#[tokio::test]
async fn an_administrator_ends_an_application_of_a_user_whom_they_may_manage() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    let one = code(&browser, &request("shop", &[])).await;
    let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    make_user(&owner, "helper", "support").await;
    make_user(&owner, "looker", "auditor").await;
    let (helper, looker) = (tenant.sign_in("helper").await, tenant.sign_in("looker").await);
    let path = format!("{USERS}/ada/applications");
    assert_eq!(names(&looker.get(&path).await.expect(200)), ["shop"]);
    looker
        .delete(&format!("{path}/shop"))
        .await
        .expect_problem(403, "forbidden");
    helper
        .delete(&format!("{USERS}/admin/applications/shop"))
        .await
        .expect_problem(403, "escalation");
    helper.delete(&format!("{path}/shop")).await.expect(204);
    assert_eq!(names(&helper.get(&path).await.expect(200)), [""; 0]);
    assert_refused(&renew(&owner, ("shop", &secret), &tokens).await, 400, "invalid_grant");
}
