//! The hosted pages.

mod console;
mod first_sign_in;
mod forms;
mod languages;
mod links;
mod looks;
mod password_rules;
mod recovery;
mod returning;
mod sign_in;
mod sign_up;

use crate::support::{Person, Tenant};
use serde_json::{Value, json};

/// What the mails of the tenant link to with a token, newest first.
async fn link_to(tenant: &Tenant<'_>, address: &str) -> String {
    let mails = tenant.mail_to(address).await;
    mails.first().expect("a message to the address").link()
}

const POLICIES: &str = "/apis/console/v1alpha1/policies";

/// Everything the audit trail of the tenant has.
async fn trail(owner: &Person<'_>) -> Value {
    owner
        .get("/apis/console/v1alpha1/audit-events?size=200")
        .await
        .expect(200)
}

/// Sets a policy of the tenant, whatever it was before.
async fn set_policy(owner: &Person<'_>, name: &str, spec: &Value) {
    let path = format!("{POLICIES}/{name}");
    owner.put(&path, &json!({ "spec": spec })).await.expect(200);
}

/// Moves somebody to another address with their proof, and answers the link that takes it back.
async fn change_address(tenant: &Tenant<'_>, person: &Person<'_>, to: &str) -> String {
    person.app_put_email(to).await;
    let code = json!({ "code": tenant.code_to(to).await });
    person.post("/auth/v1/users/me/email/_verify", &code).await.expect(200);
    link_to(tenant, &format!("{}@example.com", person.name)).await
}

impl Person<'_> {
    async fn app_put_email(&self, to: &str) {
        self.put("/auth/v1/users/me/email", &json!({ "email": to }))
            .await
            .expect(200);
    }

    /// Proves the address they signed up with.
    async fn prove_address(&self) {
        let code = self.tenant.code_to(&format!("{}@example.com", self.name)).await;
        let code = json!({ "code": code });
        self.post("/auth/v1/users/me/email/_verify", &code).await.expect(200);
    }
}
