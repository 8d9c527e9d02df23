//! The calls of a request that changes records, and the resolution of their outcomes, as in `src/store/change/`.

use crate::bug::Bug;
use crate::content::{Content, Patch, Trail};
use crate::find::{has, is_of};
use crate::identity::Id;
use crate::judge::matches;
use crate::request::Mode;
use crate::scenario::Scenario;
use crate::statement::{Condition, Statement, StatementResult};
use crate::table::{Item, Owner, Version};
use crate::update::{Base, Changed, Claim, Stage, Update};

impl Update {
    /// The item of a row's ID was read.
    pub fn find(&mut self, scenario: &Scenario, index: usize, item: Option<Item>) -> Vec<Claim> {
        let row = scenario.rows(self.function)[index];
        match item {
            None if row.mode == Mode::Upsert => {
                self.rows[index].stage = Stage::Inserting;
                Vec::new()
            }
            Some(item) if item.record_id != row.id => {
                self.rows[index].stage = Stage::FindRecord(item);
                Vec::new()
            }
            item => self.found(scenario, index, row.id, item),
        }
    }

    /// The record that `alias` points to was read. If it is another record, or has lost the number, the search starts
    /// again.
    pub fn find_record(&mut self, scenario: &Scenario, index: usize, alias: Item, item: Option<Item>) -> Vec<Claim> {
        let id = scenario.rows(self.function)[index].id;
        match item {
            Some(item) if is_of(item, alias, id) || scenario.has(Bug::ChangeTrustsAlias) => {
                self.found(scenario, index, alias.record_id, Some(item))
            }
            _ => {
                self.rows[index].stage = Stage::Find;
                Vec::new()
            }
        }
    }

    fn found(&mut self, scenario: &Scenario, index: usize, id: Id, item: Option<Item>) -> Vec<Claim> {
        let Some(base) = item.and_then(|item| base(id, item)) else {
            self.decide(scenario, index, Changed::NotFound);
            return vec![Claim::NotFound(index)];
        };
        let own = self.insert(scenario, index).version;
        if base.version == own {
            self.decide(scenario, index, Changed::Created(own));
            return vec![Claim::Created(index, own)];
        }
        self.judge(scenario, index, base);
        vec![Claim::Found(index, base)]
    }

    /// The statements of a row's call: the record first, then the aliases that it gains, then those that it loses.
    #[must_use]
    pub fn statements(&self, scenario: &Scenario, index: usize) -> Vec<Statement> {
        match (self.rows[index].stage, self.rows[index].base) {
            (Stage::InCall, Some(base)) => self.update_statements(scenario, index, base),
            (Stage::Inserting, _) => {
                let insert = self.insert(scenario, index);
                vec![Statement::Insert { id: insert.ids[0], item: insert.item(insert.ids[0]) }]
            }
            _ => Vec::new(),
        }
    }

    fn update_statements(&self, scenario: &Scenario, index: usize, base: Base) -> Vec<Statement> {
        let patch = self.patch(scenario, index, base);
        let has_revision = !scenario.has(Bug::ChangeWithoutRevision);
        let condition = if has_revision { Condition::Version } else { Condition::AnyRevision };
        let numbers = patch.numbers.unwrap_or(base.content.numbers);
        let alias = Item { owner: Owner::Record(base.version), record_id: base.id, content: None };
        let gained = scenario.ids_of(numbers.without(base.content.numbers)).into_iter();
        let gained = gained.map(|id| Statement::Insert { id, item: alias });
        let lost = scenario.ids_of(base.content.numbers.without(numbers)).into_iter();
        let lost = lost.filter(|id| *id != base.id && !scenario.has(Bug::LostAliasesStay));
        let lost = lost.map(|id| Statement::Delete { id, found: base.version, revision: None, condition });
        let own = Statement::Update {
            id: base.id,
            found: base.version,
            base: base.content.revision,
            patch,
            trail: next_trail(scenario, base.content),
            change: self.change(index),
            condition,
        };
        [own].into_iter().chain(gained).chain(lost).collect()
    }

    /// The attributes to set: only those that the change names.
    fn patch(&self, scenario: &Scenario, index: usize, base: Base) -> Patch {
        let patch = scenario.rows(self.function)[index].patch;
        match self.rows[index].first {
            Some(Content { members, .. }) => Patch { members: members.map(Some), ..patch },
            None if scenario.has(Bug::UnchangedIsWritten) => patch,
            None => {
                let differs =
                    |member: usize| patch.members[member].filter(|value| *value != base.content.members[member]);
                let numbers = patch.numbers.filter(|numbers| *numbers != base.content.numbers);
                Patch { numbers, members: [differs(0), differs(1)] }
            }
        }
    }

    /// The response to a row's call arrived, with the results of its statements in their order. The record's is judged
    /// first: after a lost response, our own aliases are in the way.
    pub fn receive(&mut self, scenario: &Scenario, index: usize, results: &[StatementResult]) -> Vec<Claim> {
        let statements = self.statements(scenario, index);
        let conflict = statements.iter().zip(results).find(|(_, result)| **result == StatementResult::DuplicateItem);
        let conflict = conflict.map(|(statement, _)| statement.id());
        let is_done = results.iter().all(|result| *result == StatementResult::Done);
        let own_failed = matches!(results.first(), Some(StatementResult::ConditionFailed(_)));
        let first = scenario.has(Bug::AliasesJudgedFirst);
        match (self.rows[index].stage, conflict) {
            (Stage::Inserting, None) => {
                let version = self.insert(scenario, index).version;
                self.decide(scenario, index, Changed::Created(version));
                return vec![Claim::Created(index, version)];
            }
            (Stage::Inserting, Some(_)) => self.rows[index].stage = Stage::Find,
            _ if is_done => {
                self.decide(scenario, index, Changed::Updated);
                return vec![Claim::Updated(index)];
            }
            (_, Some(id)) if first || !own_failed => self.rows[index].stage = Stage::ReadAlias(id),
            _ => self.rows[index].stage = Stage::Resolve,
        }
        Vec::new()
    }

    /// No response arrived: the call is made again.
    pub fn lose(&mut self, scenario: &Scenario, index: usize) -> Vec<Claim> {
        if !scenario.has(Bug::LostChangeIsMade) {
            return Vec::new();
        }
        self.decide(scenario, index, Changed::Updated);
        vec![Claim::Updated(index)]
    }

    /// The owner of a number that the record would gain was read.
    pub fn read_alias(&mut self, scenario: &Scenario, index: usize, id: Id, owner: Option<Owner>) -> Vec<Claim> {
        let own = self.rows[index].base.map(|base| Owner::Record(base.version));
        match owner {
            None => self.rows[index].stage = Stage::InCall,
            Some(owner) if Some(owner) == own && !scenario.has(Bug::AliasesJudgedFirst) => {
                self.rows[index].stage = Stage::Resolve;
            }
            Some(owner) => {
                let claim = Claim::NotUnique { index, id, owner, own };
                self.decide(scenario, index, Changed::NotUnique);
                return vec![claim];
            }
        }
        Vec::new()
    }

    /// The record was read again. If it has our token, the change was made; if it has the revision that we named, it
    /// was not; if it has neither, nobody can tell.
    pub fn resolve(&mut self, scenario: &Scenario, index: usize, item: Option<Item>) -> Vec<Claim> {
        let Some(before) = self.rows[index].base else { return Vec::new() };
        let row = scenario.rows(self.function)[index];
        let now = item.and_then(|item| base(before.id, item)).filter(|now| now.version == before.version);
        let Some(now) = now else { return self.is_gone(scenario, index, item) };
        let change = Some(self.change(index));
        let is_ours =
            now.content.revision == change || now.content.has_been(change) && !scenario.has(Bug::TrailNotRead);
        if scenario.has(Bug::EtagJudgedFirst) && !matches(scenario, row.mode, &now) {
            self.decide(scenario, index, Changed::Failed);
        } else if is_ours {
            self.decide(scenario, index, Changed::Updated);
            return vec![Claim::Updated(index)];
        } else if !now.content.has_been(before.content.revision) && !scenario.has(Bug::EndOfTrailDecides) {
            self.decide(scenario, index, Changed::GivenUp);
        } else if now.id == row.id || has(now.content, row.id) {
            self.judge(scenario, index, now);
        } else {
            self.rows[index].stage = Stage::Find;
        }
        Vec::new()
    }

    /// The record is gone. With an `ETag`, nobody can tell whether the change was made before that.
    fn is_gone(&mut self, scenario: &Scenario, index: usize, item: Option<Item>) -> Vec<Claim> {
        match (scenario.rows(self.function)[index].mode, item) {
            (Mode::IfMatch(_), Some(_)) => self.decide(scenario, index, Changed::GivenUp),
            (Mode::IfMatch(_), None) => self.decide(scenario, index, Changed::NotFound),
            _ => self.rows[index].stage = Stage::Find,
        }
        Vec::new()
    }

    /// The time for a row is up.
    pub fn give_up(&mut self, scenario: &Scenario, index: usize) {
        self.decide(scenario, index, Changed::GivenUp);
    }
}

/// The record in its own item, which has the key `id`.
fn base(id: Id, item: Item) -> Option<Base> {
    let version: Version = item.owner.version()?;
    Some(Base { id, version, content: item.content? })
}

fn next_trail(scenario: &Scenario, content: Content) -> Trail {
    match content.trail {
        [first @ Some(_), ..] if scenario.has(Bug::TrailKeepsFirst) => [first, Some(content.revision)],
        _ => content.next_trail(scenario.trail),
    }
}
