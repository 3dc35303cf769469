//! The registry: agencies, nodes, keys, procedure packs and rules, as of a revision. Knows no dossier.
//!
//! ```text
//! *.yaml --Pack::parse--> Pack ----.
//! agencies, nodes, communes -------+-> RegistryParts --Registry::new--> Registry --resolve(role, commune, day)--> Agency
//! calendars, rates, rights --------'
//! ```
//!
//! Everything is pure: no clock is read and no file is opened. A [`Registry`] is one revision and does not change; the
//! next revision is another one. What changes with time carries its days, and every look-up says for which day it asks.

// `make fuzz` brings a `main` of its own to the tests.
#![cfg_attr(fuzzing, no_main)]

mod agencies;
mod agency;
mod catalogue;
mod change;
mod communes;
mod dated;
#[cfg(test)]
mod fuzz;
mod ids;
mod pack;
mod registry;
mod role;
mod rules;
mod successions;
pub mod training;

pub use agencies::{AGENCY_COLUMNS, AgencyFault, AgencyRow, parse_agencies};
pub use agency::{
    Agency, Commune, CommuneKind, ImportRight, Level, Node, SealKey, Succession, Territory, WrapKey,
};
pub use catalogue::{Catalogue, FieldCount, Offered};
pub use change::Change;
pub use communes::{CommunesFault, SHIPPED_COMMUNES, parse_communes};
pub use dated::{Dated, Period};
pub use ids::{
    AGENCY_BYTES_MAX, AgencyCode, AgencyId, CodeScheme, CommuneCode, DocumentKind, FeeId, FieldCode, IdFault,
    KeyId, OutcomeId, PACK_ID_BYTES_MAX, PackVersion, ProcedureCode, ProvinceCode, StepId,
};
pub use pack::{
    ACCOUNT_BYTES_MAX, AccountFault, AccountNumber, Assurance, Carrier, Collected, CopyKind, Document,
    Ending, Fault, Fee, Field, Need, Next, Outcome, PACK_BYTES_MAX, Pack, PackFault, PayBy, Payee,
    PayeeAccount, Presence, Produced, RETENTION_YEARS_DEFAULT, RETENTION_YEARS_MAX, ReceiveBy, Referral,
    Retention, ReturnBy, SHIPPED_PACKS, STEPS_MAX, Service, ServiceLevel, Silence, Step, StepKind, Subject,
    Supplement, UnknownLevel, UnknownRetention, UnknownWord, WrongAccount,
};
pub use registry::{Registry, RegistryFault, RegistryParts, ResolveError};
pub use role::{Role, UnknownRole};
pub use rules::{LogKind, Rules};
pub use successions::{LEGAL_BASIS_BYTES_MAX, SUCCESSION_COLUMNS, parse_successions};
