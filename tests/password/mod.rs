//! What a tenant asks of passwords, and what it takes over from other systems.

mod chosen;
mod imports;
mod policy;
mod setting;

use crate::support::{PASSWORD, Person, Reply, Tenant};
use serde_json::{Value, json};

const POLICY: &str = "/apis/console/v1alpha1/policies/password";
const USERS: &str = "/apis/console/v1alpha1/users";

/// What this field of a request is refused for, by code.
#[track_caller]
fn refused_for(reply: Reply, field: &str) -> Vec<String> {
    let problem = reply.expect_problem(400, "invalid");
    let wrong = problem["errors"].as_array().unwrap().iter();
    let codes = wrong.map(|wrong| {
        assert_eq!(wrong["field"], field, "{problem}");
        assert!(
            wrong["detail"].as_str().is_some_and(|detail| detail.contains(' ')),
            "{problem}"
        );
        wrong["code"].as_str().unwrap().to_owned()
    });
    codes.collect()
}

/// Sets the policy of the tenant.
async fn decide(owner: &Person<'_>, spec: Value) -> Value {
    owner.put(POLICY, &json!({ "spec": spec })).await.expect(200)
}

/// Makes a user with this password.
async fn create(owner: &Person<'_>, name: &str, password: &str) -> Reply {
    let new = json!({ "name": name, "email": format!("{name}@example.test"), "password": password });
    owner.post(USERS, &new).await
}

/// Whether somebody can sign in so.
async fn signs_in(tenant: &Tenant<'_>, name: &str, password: &str) -> bool {
    let given = json!({ "username": name, "password": password });
    let reply = tenant.anybody().post("/v1/login", &given).await;
    if reply.status != 200 {
        reply.expect_problem(401, "credentials_invalid");
        return false;
    }
    true
}
