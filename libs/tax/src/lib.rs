//! Assessment of what land and house transactions owe, from dated rates. Knows no dossier.
//!
//! ```text
//! rates.yaml --parse--> Rates --.
//! Case { kind, relation, … } ---+--assess--> Assessment { lines: registration fee, income tax }
//! ```
//!
//! Every rate, cap, threshold and exempt pair is data with the day from which it holds and its legal source; this crate
//! only knows the arithmetic: exact integers, each line rounded once, half up to the đồng (rules 5.4).

// `make fuzz` brings a `main` of its own to the tests.
#![cfg_attr(fuzzing, no_main)]

mod assess;
mod case;
mod dong;
#[cfg(test)]
mod fuzz;
mod rates;

pub use assess::{Assessment, Line, TaxError, assess, late_interest};
pub use case::{Case, Kind, Relation, Unknown};
pub use dong::Dong;
pub use rates::{BudgetItem, Levy, Rates, RatesFault, SHIPPED_RATES, SHIPPED_RATES_VERSION};
