//! Users: made, listed, changed, kept out and removed by administrators, and what they do to their own.

mod api;
mod assignment;
mod avatars;
mod data;
mod disabling;
mod given;
mod leaving;
mod listing;
mod profiles;
mod refused;
mod removal;
mod renaming;
mod sign_in;
mod versions;

use crate::support::{PASSWORD, Person, Reply, Tenant};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const USERS: &str = "/apis/console/v1alpha1/users";
pub(crate) const ME: &str = "/apis/console/v1alpha1/users/-";

/// Makes a user of this name who can sign in, with what is said of them besides.
pub(crate) async fn make(owner: &Person<'_>, name: &str, besides: Value) -> Value {
    let mut new = json!({ "name": name, "email": format!("{name}@example.test"), "password": PASSWORD, "mustChangePassword": false });
    if let Value::Object(besides) = besides {
        new.as_object_mut().unwrap().extend(besides);
    }
    owner.post(USERS, &new).await.expect(200)
}

/// Lets people delete their own accounts.
pub(crate) async fn let_leave(owner: &Person<'_>) {
    let path = "/apis/console/v1alpha1/policies/sign-up";
    let policy = json!({ "spec": { "mode": "open", "accountDeletion": true } });
    owner.put(path, &policy).await.expect(200);
}

/// Lets people change their own names.
pub(crate) async fn let_rename(owner: &Person<'_>) {
    let path = "/apis/console/v1alpha1/policies/sign-up";
    let policy = json!({ "spec": { "mode": "open", "nameChange": true } });
    owner.put(path, &policy).await.expect(200);
}

/// The user of this name, as somebody else sees them.
pub(crate) async fn see(owner: &Person<'_>, name: &str) -> Value {
    owner.get(&format!("{USERS}/{name}")).await.expect(200)["user"].take()
}

/// Changes a user by a merge patch (RFC 7396).
pub(crate) async fn patch(owner: &Person<'_>, name: &str, change: &Value) -> Reply {
    let request = owner
        .request(Method::PATCH, &format!("{USERS}/{name}"))
        .header("content-type", "application/merge-patch+json");
    owner.send(request.json(change)).await
}

/// A user who is signed in twice: in an application and in a browser.
pub(crate) struct Devices<'a> {
    pub(crate) application: Person<'a>,
    cookie: String,
}

impl<'a> Devices<'a> {
    /// Signs a user in on both.
    pub(crate) async fn of(tenant: &Tenant<'a>, name: &str, password: &str) -> Self {
        let given = json!({ "username": name, "password": password });
        let anybody = tenant.anybody();
        let answer = anybody.post("/apis/console/v1alpha1/sessions", &given).await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        answer.expect(200);
        let mut application = anybody.clone();
        application.tokens = anybody.post("/v1/login", &given).await.expect(200);
        name.clone_into(&mut application.name);
        Self { application, cookie }
    }

    /// A request from the browser's page.
    pub(crate) fn browse(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let anybody = self.application.tenant.anybody();
        anybody
            .request(method, path)
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
    }

    /// Whether the access token, the refresh token and the cookie still let them in.
    pub(crate) async fn let_in(&mut self) -> [bool; 3] {
        let let_in = |reply: &Reply| match reply.status.as_u16() {
            200 => true,
            401 => false,
            other => panic!("{other} {}", reply.text),
        };
        let access = self.application.get(ME).await;
        let given = json!({ "refreshToken": self.application.tokens["refreshToken"] });
        let renewed = self.application.post("/v1/refresh", &given).await;
        let cookie = self.application.send(self.browse(Method::GET, ME)).await;
        if renewed.status == 200 {
            self.application.tokens = renewed.json();
        }
        [&access, &renewed, &cookie].map(let_in)
    }
}

/// Whether a user can sign in with this password.
pub(crate) async fn signs_in(tenant: &Tenant<'_>, login: &str, password: &str) -> bool {
    let given = json!({ "username": login, "password": password });
    let reply = tenant.anybody().post("/v1/login", &given).await;
    if reply.status != 200 {
        reply.expect_problem(401, "credentials_invalid");
        return false;
    }
    true
}
