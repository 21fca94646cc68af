//! What every operation takes to succeed.

mod console;
mod groups;
mod kept;
mod system;

use super::{super::Operation, USERS, makers};
use crate::{
    support::roles::{make_role, make_user},
    support::{Mail, Person},
};
use reqwest::Method;
use serde_json::{Value, json};

/// Somebody of the tenant, their address, one that nobody has, and another password than theirs.
pub(in crate::contract) const ADA: &str = "ada";
pub(in crate::contract) const ADDRESS: &str = "ada@example.test";
const FREE: &str = "free@example.test";
const OTHER: &str = "another battery staple";

/// Where an operation is performed: a tenant without anybody but its owner.
pub(in crate::contract) struct Scene<'a> {
    pub(in crate::contract) owner: Person<'a>,
}

/// The sender of a request, the names in its path, its query and its body.
pub(in crate::contract) struct Given<'a> {
    pub(in crate::contract) by: Person<'a>,
    pub(super) names: Vec<String>,
    pub(super) query: String,
    pub(in crate::contract) body: Value,
    /// One more header.
    pub(super) header: Option<(&'static str, String)>,
}

impl<'a> Given<'a> {
    fn by(by: Person<'a>) -> Self {
        Self {
            by,
            names: vec![],
            query: String::new(),
            body: Value::Null,
            header: None,
        }
    }

    fn of(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    pub(in crate::contract) fn with(self, body: Value) -> Self {
        Self { body, ..self }
    }

    pub(in crate::contract) fn asking(self, query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            ..self
        }
    }
}

impl<'a> Scene<'a> {
    /// Makes a user without a password and returns what the answer tells of them.
    async fn make_user(&self) -> Value {
        let new = json!({ "name": ADA, "email": ADDRESS });
        self.owner.post(USERS, &new).await.expect(200)
    }

    /// Makes an owner and signs them in.
    pub(in crate::contract) async fn person(&self) -> Person<'a> {
        make_user(&self.owner, ADA, "owner").await;
        self.owner.tenant.sign_in(ADA).await
    }

    /// Makes a role.
    async fn role(&self) -> &'static str {
        make_role(&self.owner, "clerk", "support", &[]).await;
        "clerk"
    }

    pub(in crate::contract) fn anybody(&self) -> Given<'a> {
        Given::by(self.owner.tenant.anybody())
    }

    fn by_owner(&self) -> Given<'a> {
        Given::by(self.owner.clone())
    }

    /// The newest message to this address.
    async fn mail_to(&self, address: &str) -> Mail {
        self.owner.tenant.app.work().await;
        self.owner.inbox(address).await.swap_remove(0)
    }

    /// Has a code sent that proves this address of the person's, and returns it.
    pub(in crate::contract) async fn code(&self, person: &Person<'_>, address: &str) -> String {
        let path = format!("{USERS}/-/send-email-verification-code");
        person.post(&path, &json!({ "email": address })).await.expect(200);
        self.mail_to(address).await.code()
    }

    /// Has somebody wait for a code for longer than another one may be asked for.
    async fn waiting(&self) -> Given<'a> {
        let person = self.person().await;
        self.code(&person, ADDRESS).await;
        self.owner.tenant.app.advance(61);
        Given::by(person)
    }

    /// Has somebody ask for another password, and returns what they are mailed.
    async fn forgot(&self) -> Mail {
        self.person().await;
        let ask = json!({ "email": ADDRESS });
        let anybody = self.owner.tenant.anybody();
        anybody.post("/v1/password/reset", &ask).await.expect(200);
        self.mail_to(ADDRESS).await
    }

    /// Somebody with two sessions, and the id of the one they do not use.
    async fn twice(&self) -> (Person<'a>, String) {
        let person = self.person().await;
        self.owner.tenant.sign_in(ADA).await;
        let list = person.get(&format!("{USERS}/-/sessions")).await.expect(200);
        let mut sessions = list["items"].as_array().unwrap().iter();
        let other = sessions.find(|session| session["status"]["current"] == false).unwrap();
        (person, other["metadata"]["name"].as_str().unwrap().to_owned())
    }

    /// Gives the user of this path a picture.
    async fn draw(&self, by: &Person<'_>, user: &str) {
        let request = by.request(Method::POST, &format!("{USERS}/{user}/avatar"));
        let request = request.header("content-type", makers::FORM).body(makers::picture());
        by.send(request).await.expect(200);
    }
}

/// Makes ready what the operation needs to succeed, and returns what it takes.
pub(in crate::contract) async fn given<'a>(scene: &Scene<'a>, operation: &Operation) -> Given<'a> {
    let id = operation.id();
    let given = match operation.document {
        "console.v1alpha1" => console::given(scene, id).await,
        "system.v1alpha1" => system::given(scene, id).await,
        "auth.v1" => groups::of_me(scene, id).await,
        "gateway.v1" => groups::of_gateway(scene, id).await,
        "accounts" => groups::of_accounts(scene, id).await,
        "verification" => groups::of_verification(scene, id).await,
        "oidc" => groups::of_oidc(scene, id).await,
        _ => None,
    };
    given.unwrap_or_else(|| panic!("nobody knows what {} takes: teach `statements`", operation.label()))
}
