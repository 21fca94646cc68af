//! What people say of themselves besides the name that others see.

use super::entity::Model;
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What people say of themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Their given name.
    pub first_name: Option<String>,
    /// Their family name.
    pub last_name: Option<String>,
    /// What friends call them.
    pub nickname: Option<String>,
    /// The tag of the language that they like best (BCP 47).
    pub language: Option<String>,
    /// Their gender.
    pub gender: Option<Gender>,
}

/// What people say of their gender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// Female.
    #[sea_orm(string_value = "female")]
    Female,
    /// Male.
    #[sea_orm(string_value = "male")]
    Male,
    /// Neither.
    #[sea_orm(string_value = "diverse")]
    Diverse,
}

impl Gender {
    /// The one of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::try_from_value(&name.to_lowercase()).ok()
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> String {
        self.to_value()
    }
}

impl Profile {
    /// As it is kept.
    #[must_use]
    pub fn of(row: &Model) -> Self {
        Self {
            first_name: row.first_name.clone(),
            last_name: row.last_name.clone(),
            nickname: row.nickname.clone(),
            language: row.language.clone(),
            gender: row.gender,
        }
    }

    pub(super) fn write_to(self, row: &mut Model) {
        row.first_name = self.first_name;
        row.last_name = self.last_name;
        row.nickname = self.nickname;
        row.language = self.language;
        row.gender = self.gender;
    }
}
