//! All that is kept about somebody, as a file for themself.

use super::{ME, USERS, make};
use crate::support::{
    PASSWORD, TestApp,
    roles::{CONSOLE, events_of, make_person, make_user},
};
use reqwest::Method;
use serde_json::{Value, json};

const DATA: &str = "/apis/console/v1alpha1/users/-/data";

fn keys(list: &Value, field: &str) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn people_take_along_what_is_kept_about_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let ada = tenant.sign_up_proven("ada").await;
    let bio = json!({ "metadata": { "name": "ada" }, "spec": { "displayName": "Ada", "bio": "Writes programs." } });
    ada.put(ME, &bio).await.expect(200);
    let new = json!({ "newName": "countess" });
    owner.post(&format!("{USERS}/ada/rename"), &new).await.expect(200);
    let given = json!({ "oldPassword": PASSWORD, "password": "another battery staple" });
    ada.put(&format!("{ME}/password"), &given).await.expect(200);
    app.work().await;

    let reply = ada.get(DATA).await;
    assert_eq!(
        reply.header("content-disposition"),
        "attachment; filename=\"my-data.json\""
    );
    assert_eq!(reply.header("cache-control"), "no-store");
    let events = events_of(&owner, &reply).await;
    let data = reply.expect(200);
    let said = ["actor", "action", "object", "outcome"].map(|field| events[0][field].clone());
    assert_eq!(said, ["countess", "users/data:get", "countess", "done"]);

    assert_eq!(data["user"]["metadata"]["name"], "countess");
    assert_eq!(data["user"]["spec"]["bio"], "Writes programs.");
    assert_eq!(data["user"]["spec"]["email"], "ada@example.com");
    assert_eq!(data["roles"], json!(["user"]));
    assert_eq!(keys(&data["names"], "name"), ["countess", "ada"]);
    assert_eq!(data["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(data["networks"].as_array().unwrap().len(), 1);
    assert!(keys(&data["messages"], "template").contains(&"password_changed".to_owned()));
    let done = keys(&data["done"], "action");
    for action in ["users:update", "users/password:update"] {
        assert!(done.contains(&action.to_owned()), "{action}: {done:?}");
    }
    let changes = data["changes"].as_array().unwrap();
    let of = |action: &str| changes.iter().find(|change| change["action"] == action).unwrap();
    assert_eq!(of("users:rename")["byOneself"], false);
    assert_eq!(of("users:update")["byOneself"], true);
}

#[tokio::test]
async fn nothing_in_the_data_lets_anybody_in_or_is_about_others() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_user(&owner, "bob", "").await;
    let ada = make_person(&owner, "ada", "").await;
    let bio = json!({ "spec": { "bio": "hi" } });
    for name in ["ada", "bob"] {
        let request = owner.request(Method::PATCH, &format!("{USERS}/{name}"));
        owner.send(request.json(&bio)).await.expect(200);
    }
    let reply = ada.get(DATA).await;
    let text = reply.text.clone();
    reply.expect(200);
    // What would be found if it were there.
    let dump = app.dump().await;
    assert!(dump.contains("$argon2") && text.contains("ada@example.test"));
    let tokens = ["accessToken", "refreshToken"].map(|kind| ada.tokens[kind].as_str().unwrap().to_owned());
    for secret in ["$argon2", "argon2", "hash", PASSWORD, "bob", "admin"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(tokens.iter().all(|token| !text.contains(token.as_str())), "{text}");
}

#[tokio::test]
async fn whoever_only_claims_an_address_sees_nothing_of_its_mail() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let ada = tenant.sign_up_proven("ada").await;
    let new = json!({ "username": "eve", "email": "ada@example.com", "password": PASSWORD });
    tenant.anybody().post("/v1/register", &new).await.expect(200);
    let eve = tenant.sign_in("eve").await;
    app.work().await;
    let of_eve = eve.get(DATA).await.expect(200);
    assert_eq!(of_eve["messages"], json!([]));
    let messages = owner.get(&format!("{CONSOLE}/messages")).await.expect(200);
    assert!(messages["total"].as_i64().unwrap() > 0, "there is mail to the address");
    assert_eq!(ada.get(DATA).await.expect(200)["user"]["spec"]["emailVerified"], true);
}

#[tokio::test]
async fn the_data_of_a_user_of_the_same_name_elsewhere_is_not_in_it() {
    let app = TestApp::start().await;
    let (home, acme) = (app.default_tenant(), app.tenant("acme").await);
    let (owner, other) = (home.owner().await, acme.owner().await);
    make(&owner, "ada", json!({ "bio": "of the default tenant" })).await;
    make(&other, "ada", json!({ "bio": "of acme" })).await;
    let data = acme.sign_in("ada").await.get(DATA).await;
    assert!(data.text.contains("of acme") && !data.text.contains("of the default tenant"));
    home.anybody().get(DATA).await.expect_problem(401, "unauthenticated");
}
