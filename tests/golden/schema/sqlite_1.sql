CREATE TABLE audit (
    seq BIGINT NOT NULL,
    epoch INTEGER NOT NULL,
    plan_id VARCHAR(32) NOT NULL,
    entry BLOB NOT NULL,
    prev_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    mac BLOB NOT NULL,
    v SMALLINT NOT NULL,
    PRIMARY KEY (seq)
);
CREATE INDEX ix_audit_plan_id ON audit (plan_id);
CREATE TABLE audit_checkpoints (
    number BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    epoch INTEGER NOT NULL,
    at BIGINT NOT NULL,
    head BLOB NOT NULL,
    versions BLOB NOT NULL,
    prev_hash BLOB NOT NULL,
    signature BLOB NOT NULL,
    v SMALLINT NOT NULL,
    PRIMARY KEY (number)
);
CREATE TABLE cards (
    n INTEGER NOT NULL,
    id VARCHAR(32) NOT NULL,
    subject BLOB NOT NULL,
    subject_hash VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    ref BLOB NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (n),
    UNIQUE (id)
);
CREATE INDEX ix_cards_epoch ON cards (epoch);
CREATE INDEX ix_cards_subject ON cards (subject_hash);
CREATE TABLE inbox (
    n INTEGER NOT NULL,
    id VARCHAR(32) NOT NULL,
    "key" BLOB NOT NULL,
    key_hash VARCHAR(32) NOT NULL,
    surface VARCHAR(16) NOT NULL,
    received_at BIGINT NOT NULL,
    state VARCHAR(16) NOT NULL,
    body BLOB NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (n),
    UNIQUE (key_hash),
    UNIQUE (id)
);
CREATE INDEX ix_inbox_epoch ON inbox (epoch);
CREATE INDEX ix_inbox_state ON inbox (state, n);
CREATE TABLE key_epochs (
    epoch INTEGER NOT NULL,
    kind VARCHAR(8) NOT NULL,
    master_id VARCHAR(32) NOT NULL,
    wrapped BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    v SMALLINT NOT NULL,
    PRIMARY KEY (epoch, kind, master_id)
);
CREATE TABLE meta (
    name VARCHAR(64) NOT NULL,
    value VARCHAR(200) NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE outbox (
    n INTEGER NOT NULL,
    id VARCHAR(32) NOT NULL,
    version INTEGER NOT NULL,
    surface VARCHAR(16) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    channel BLOB NOT NULL,
    channel_hash VARCHAR(32) NOT NULL,
    coalesce BLOB,
    coalesce_hash VARCHAR(32),
    due_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    state VARCHAR(16) NOT NULL,
    body BLOB NOT NULL,
    sent_ref BLOB,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (n),
    UNIQUE (id)
);
CREATE INDEX ix_outbox_coalesce ON outbox (coalesce_hash, state);
CREATE INDEX ix_outbox_due ON outbox (state, due_at, n);
CREATE INDEX ix_outbox_epoch ON outbox (epoch);
CREATE TABLE plans (
    plan_id VARCHAR(32) NOT NULL,
    version INTEGER NOT NULL,
    state VARCHAR(24) NOT NULL,
    state_seal BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    digest BLOB NOT NULL,
    requester BLOB NOT NULL,
    requester_hash VARCHAR(32) NOT NULL,
    thread BLOB,
    thread_hash VARCHAR(32),
    payload BLOB NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (plan_id)
);
CREATE INDEX ix_plans_created_at ON plans (created_at);
CREATE INDEX ix_plans_epoch ON plans (epoch);
CREATE INDEX ix_plans_requester ON plans (requester_hash);
CREATE INDEX ix_plans_state ON plans (state);
CREATE INDEX ix_plans_thread ON plans (thread_hash);
CREATE TABLE reports (
    id VARCHAR(64) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    body BLOB NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_reports_epoch ON reports (epoch);
CREATE INDEX ix_reports_kind ON reports (kind, at);
CREATE TABLE schedule_runs (
    id VARCHAR(32) NOT NULL,
    job BLOB NOT NULL,
    job_hash VARCHAR(32) NOT NULL,
    due_at BIGINT NOT NULL,
    claimed_at BIGINT NOT NULL,
    state VARCHAR(16) NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (job_hash, due_at)
);
CREATE INDEX ix_schedule_runs_epoch ON schedule_runs (epoch);
CREATE TABLE schema_version (
    version INTEGER NOT NULL,
    at BIGINT,
    PRIMARY KEY (version)
);
CREATE TABLE settings (
    id VARCHAR(32) NOT NULL,
    version INTEGER NOT NULL,
    name BLOB NOT NULL,
    name_hash VARCHAR(32) NOT NULL,
    changed_at BIGINT NOT NULL,
    value BLOB NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name_hash)
);
CREATE INDEX ix_settings_epoch ON settings (epoch);
CREATE TABLE threads (
    id VARCHAR(32) NOT NULL,
    "key" BLOB NOT NULL,
    key_hash VARCHAR(32) NOT NULL,
    created_at BIGINT NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (key_hash)
);
CREATE INDEX ix_threads_epoch ON threads (epoch);
CREATE TABLE decisions (
    plan_id VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    principal BLOB NOT NULL,
    principal_hash VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    payload BLOB NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (plan_id, seq),
    UNIQUE (plan_id, principal_hash),
    FOREIGN KEY(plan_id) REFERENCES plans (plan_id)
);
CREATE INDEX ix_decisions_epoch ON decisions (epoch);
CREATE TABLE executions (
    id VARCHAR(32) NOT NULL,
    plan_id VARCHAR(32) NOT NULL,
    version INTEGER NOT NULL,
    state VARCHAR(24) NOT NULL,
    state_seal BLOB NOT NULL,
    owner VARCHAR(64) NOT NULL,
    fencing INTEGER NOT NULL,
    lease_until BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (plan_id),
    FOREIGN KEY(plan_id) REFERENCES plans (plan_id)
);
CREATE INDEX ix_executions_epoch ON executions (epoch);
CREATE INDEX ix_executions_state ON executions (state);
CREATE TABLE result_sets (
    thread_id VARCHAR(32) NOT NULL,
    set_id VARCHAR(64) NOT NULL,
    at BIGINT NOT NULL,
    body BLOB NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (thread_id, set_id),
    FOREIGN KEY(thread_id) REFERENCES threads (id)
);
CREATE INDEX ix_result_sets_epoch ON result_sets (epoch);
CREATE TABLE turns (
    thread_id VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    body BLOB NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (thread_id, seq),
    FOREIGN KEY(thread_id) REFERENCES threads (id)
);
CREATE INDEX ix_turns_epoch ON turns (epoch);
CREATE TABLE journal (
    execution_id VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    step_id VARCHAR(64) NOT NULL,
    target BLOB NOT NULL,
    target_hash VARCHAR(32) NOT NULL,
    attempt INTEGER NOT NULL,
    event VARCHAR(16) NOT NULL,
    event_seal BLOB NOT NULL,
    at BIGINT NOT NULL,
    detail BLOB NOT NULL,
    v SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (execution_id, seq),
    FOREIGN KEY(execution_id) REFERENCES executions (id)
);
CREATE INDEX ix_journal_epoch ON journal (epoch);
