-- What keeps the rows, as PostgreSQL tells it once all migrations are done.

-- column audit_entry.action
((content)::jsonb ->> 'action'::text)

-- column audit_entry.actor_id
(((content)::jsonb ->> 'actor'::text))::bigint

-- column audit_entry.recorded_at
(make_timestamp((substr(content, 8, 4))::integer, (substr(content, 13, 2))::integer, (substr(content, 16, 2))::integer, (substr(content, 19, 2))::integer, (substr(content, 22, 2))::integer, (substr(content, 25, 9))::double precision) AT TIME ZONE 'UTC'::text)

-- function access_entry_refuse()
CREATE OR REPLACE FUNCTION public.access_entry_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'The record of openings is only added to: % is refused.', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $function$

-- function audit_refuse()
CREATE OR REPLACE FUNCTION public.audit_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
            RAISE EXCEPTION 'The audit chain is only added to: % on % is refused.', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END $function$

-- function check_eyes(integer,integer,timestamp with time zone,text)
CREATE OR REPLACE FUNCTION public.check_eyes(number integer, decider integer, decided timestamp with time zone, outcome text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
    it "case";
    is_for_two boolean;
BEGIN
    SELECT * INTO it FROM "case" c WHERE c.id = number FOR NO KEY UPDATE;
    is_for_two := needs_two_pairs(number, it.service, decided);
    IF decider = it.owner_id THEN
        RAISE EXCEPTION 'account % is the owner of case %', decider, number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_owner';
    END IF;
    IF EXISTS (
        SELECT FROM declared_interest i WHERE i.account_id = decider
        AND (i.relative_id = it.owner_id OR i.employer_id = it.employer_id OR i.person_id IN (SELECT p.id FROM insured_person p WHERE p.account_id = it.owner_id))
    ) THEN
        RAISE EXCEPTION 'account % has a declared interest in case %', decider, number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_interest';
    END IF;
    IF is_for_two AND (
        decider = it.entered_by_id
        OR EXISTS (
            SELECT FROM case_event e
            WHERE e.case_id = number AND (e.to_status = 'proposed' OR e.told IS NOT NULL) AND e.account_id = decider
        )
        OR EXISTS (SELECT FROM case_correction c WHERE c.case_id = number AND c.account_id = decider)
    ) THEN
        RAISE EXCEPTION 'account % prepared case %', decider, number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_preparer';
    END IF;
    IF is_for_two AND NOT EXISTS (
        SELECT FROM (
            SELECT e.account_id, e.proposed_outcome FROM case_event e
            WHERE e.case_id = number AND e.to_status = 'proposed' ORDER BY e.id DESC LIMIT 1
        ) AS proposal
        WHERE proposal.account_id <> decider AND proposal.proposed_outcome = outcome
    ) THEN
        RAISE EXCEPTION 'nobody proposed the decision of case %', number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_proposal';
    END IF;
END $function$

-- function history_refuse()
CREATE OR REPLACE FUNCTION public.history_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'What happened to a case is only added to: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $function$

-- function letter_refuse()
CREATE OR REPLACE FUNCTION public.letter_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
            RAISE EXCEPTION 'Letter % stays as it was written.', OLD.number
                USING ERRCODE = 'integrity_constraint_violation';
        END $function$

-- function messages_refuse()
CREATE OR REPLACE FUNCTION public.messages_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'What was written or told is kept: % of % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $function$

-- function name_keys(text)
CREATE OR REPLACE FUNCTION public.name_keys(plain text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (SELECT COALESCE(array_agg(DISTINCT (SELECT string_agg(letter.letter, ''::text ORDER BY (letter.letter COLLATE "C")) AS string_agg FROM unnest(string_to_array("left"(word.word, length.length), NULL::text)) letter(letter))), '{}'::text[]) AS "coalesce" FROM regexp_split_to_table(name_keys.plain, '[^a-z0-9]+'::text) word(word), LATERAL generate_series(3, LEAST(length(word.word), 8)) length(length))

-- function needs_two_pairs(integer,text,timestamp with time zone)
CREATE OR REPLACE FUNCTION public.needs_two_pairs(number integer, slug text, decided timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
    SELECT EXISTS (SELECT FROM two_pairs_service t WHERE t.service = slug)
        OR EXISTS (SELECT FROM "case" c WHERE c.id = number AND c.needs_two_pairs)
        OR EXISTS (SELECT FROM decision d WHERE d.case_id = number AND d.decided_at < decided)
        OR EXISTS (SELECT FROM case_event e WHERE e.case_id = number AND e.to_status = 'proposed')
$function$

-- function plain_text(text)
CREATE OR REPLACE FUNCTION public.plain_text(typed text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN lower(unaccent('unaccent'::regdictionary, typed))

-- function receipt_refuse()
CREATE OR REPLACE FUNCTION public.receipt_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
            RAISE EXCEPTION 'Receipt % stays as it was issued.', OLD.code
                USING ERRCODE = 'integrity_constraint_violation';
        END $function$

-- function records_refuse()
CREATE OR REPLACE FUNCTION public.records_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'What was found, merged or numbered is kept: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $function$

-- function refuse_case_decided()
CREATE OR REPLACE FUNCTION public.refuse_case_decided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    decided text;
BEGIN
    SELECT d.outcome INTO decided FROM decision d
    WHERE d.case_id = NEW.id AND d.decided_by_id = NEW.decided_by_id AND d.decided_at = NEW.decided_at
    ORDER BY d.id DESC LIMIT 1;
    PERFORM check_eyes(NEW.id, NEW.decided_by_id, NEW.decided_at, decided);
    IF decided IS NULL THEN
        RAISE EXCEPTION 'the decision of case % is not kept', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_kept';
    END IF;
    RETURN NULL;
END $function$

-- function refuse_decision_kept()
CREATE OR REPLACE FUNCTION public.refuse_decision_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM check_eyes(NEW.case_id, NEW.decided_by_id, NEW.decided_at, NEW.outcome);
    IF NOT EXISTS (
        SELECT FROM case_event e
        WHERE e.case_id = NEW.case_id AND e.account_id = NEW.decided_by_id AND e.happened_at = NEW.decided_at
        AND e.to_status = CASE NEW.outcome
            WHEN 'approve' THEN 'approved' WHEN 'reject' THEN 'rejected' ELSE 'decision_withdrawn' END
    ) THEN
        RAISE EXCEPTION 'no step of case % took this decision', NEW.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_taken';
    END IF;
    RETURN NULL;
END $function$

-- function refuse_late_preparation()
CREATE OR REPLACE FUNCTION public.refuse_late_preparation()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM FROM "case" c WHERE c.id = NEW.case_id FOR SHARE;
    IF EXISTS (
        SELECT FROM "case" c WHERE c.id = NEW.case_id AND c.decided_by_id = NEW.account_id
        AND needs_two_pairs(c.id, c.service, c.decided_at)
    ) THEN
        RAISE EXCEPTION 'account % decided case %', NEW.account_id, NEW.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_preparer';
    END IF;
    RETURN NULL;
END $function$

-- function refuse_other_owner()
CREATE OR REPLACE FUNCTION public.refuse_other_owner()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    before integer := (to_jsonb(OLD) ->> TG_ARGV[0])::integer;
    after integer := (to_jsonb(NEW) ->> TG_ARGV[0])::integer;
BEGIN
    IF NOT EXISTS (
        SELECT FROM person_merge m WHERE
        (m.merged_account_id = before AND m.survivor_account_id = after
            AND m.approved_at IS NOT NULL AND m.undone_at IS NULL)
        OR (m.survivor_account_id = before AND m.merged_account_id = after AND m.undone_at IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'whose % is changes by an approved merge alone', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $function$

-- function refuse_own_judgement()
CREATE OR REPLACE FUNCTION public.refuse_own_judgement()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.decided_by_id IS NOT NULL AND EXISTS (
        SELECT FROM possible_duplicate d WHERE d.case_id = NEW.id AND d.judged_by_id = NEW.decided_by_id
    ) THEN
        RAISE EXCEPTION 'account % judged a possible duplicate of case %', NEW.decided_by_id, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_preparer';
    END IF;
    RETURN NULL;
END $function$

-- function refuse_switch()
CREATE OR REPLACE FUNCTION public.refuse_switch()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'a service with two pairs of eyes keeps them' USING ERRCODE = 'check_violation';
END $function$

-- function refuse_undecided()
CREATE OR REPLACE FUNCTION public.refuse_undecided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    number integer;
BEGIN
    IF TG_TABLE_NAME = 'case' THEN number := NEW.id; ELSE number := NEW.case_id; END IF;
    IF EXISTS (
        SELECT FROM "case" c JOIN decision d ON d.case_id = c.id WHERE c.id = number AND c.status
        NOT IN ('under_review', 'proposed', 'approved', 'carried_out', 'rejected', 'decision_withdrawn')
    ) THEN
        RAISE EXCEPTION 'case % was decided', number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decided_for_good';
    END IF;
    RETURN NULL;
END $function$

-- function refuse_undecided_status()
CREATE OR REPLACE FUNCTION public.refuse_undecided_status()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    number integer;
    it "case";
BEGIN
    IF TG_TABLE_NAME = 'case' THEN number := NEW.id; ELSE number := NEW.case_id; END IF;
    SELECT * INTO it FROM "case" c WHERE c.id = number FOR NO KEY UPDATE;
    IF it.status IN ('approved', 'carried_out', 'rejected', 'decision_withdrawn') AND NOT EXISTS (
        SELECT FROM (SELECT * FROM decision d WHERE d.case_id = number ORDER BY d.id DESC LIMIT 1) AS latest
        WHERE (latest.decided_by_id, latest.decided_at) = (it.decided_by_id, it.decided_at)
        AND latest.outcome = CASE it.status
            WHEN 'rejected' THEN 'reject' WHEN 'decision_withdrawn' THEN 'withdraw_decision' ELSE 'approve' END
    ) THEN
        RAISE EXCEPTION 'case % was not decided so', number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'status_as_decided';
    END IF;
    RETURN NULL;
END $function$

-- function roles_kept_apart()
CREATE OR REPLACE FUNCTION public.roles_kept_apart()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    held text[];
    of_staff text[];
BEGIN
    PERFORM FROM ab_user WHERE id = NEW.user_id FOR UPDATE;
    SELECT array_agg(DISTINCT role.name) INTO held
        FROM ab_user_role AS given JOIN ab_role AS role ON role.id = given.role_id
        WHERE given.user_id = NEW.user_id;
    of_staff := ARRAY(SELECT unnest(held) INTERSECT SELECT unnest(ARRAY[
        'supervisor', 'registration_officer', 'claims_officer', 'contributions_officer', 'finance_officer',
        'compliance_officer', 'support_officer', 'medical_referee', 'auditor', 'administrator']));
    IF 'employer_agent' = ANY(held) AND cardinality(of_staff) > 0
        OR cardinality(of_staff) > 1 AND of_staff && ARRAY['auditor', 'administrator'] THEN
        RAISE EXCEPTION 'Account % cannot hold these roles together: %.', NEW.user_id, held
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $function$

-- trigger ab_user_role_kept_apart on ab_user_role
CREATE TRIGGER ab_user_role_kept_apart AFTER INSERT OR UPDATE ON ab_user_role FOR EACH ROW EXECUTE FUNCTION roles_kept_apart()

-- trigger access_entry_is_kept on access_entry
CREATE TRIGGER access_entry_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON access_entry FOR EACH STATEMENT EXECUTE FUNCTION access_entry_refuse()

-- trigger audit_checkpoint_is_kept on audit_checkpoint
CREATE TRIGGER audit_checkpoint_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()

-- trigger audit_entry_is_kept on audit_entry
CREATE TRIGGER audit_entry_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()

-- trigger audit_head_is_kept on audit_head
CREATE TRIGGER audit_head_is_kept BEFORE DELETE OR TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()

-- trigger audit_head_moves_on on audit_head
CREATE TRIGGER audit_head_moves_on BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (new.stream::text <> old.stream::text OR new.count < old.count) EXECUTE FUNCTION audit_refuse()

-- trigger audit_leaf_is_kept on audit_leaf
CREATE TRIGGER audit_leaf_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_leaf FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()

-- trigger case_correction_is_kept on case_correction
CREATE TRIGGER case_correction_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON case_correction FOR EACH STATEMENT EXECUTE FUNCTION history_refuse()

-- trigger case_event_is_kept on case_event
CREATE TRIGGER case_event_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON case_event FOR EACH STATEMENT EXECUTE FUNCTION history_refuse()

-- trigger case_is_kept on case
CREATE TRIGGER case_is_kept BEFORE UPDATE ON "case" FOR EACH ROW WHEN (new.id IS DISTINCT FROM old.id OR new.service::text IS DISTINCT FROM old.service::text OR new.entered_by_id IS DISTINCT FROM old.entered_by_id OR new.channel::text IS DISTINCT FROM old.channel::text OR new.submission_key::text IS DISTINCT FROM old.submission_key::text OR new.created_at IS DISTINCT FROM old.created_at OR old.needs_two_pairs AND NOT new.needs_two_pairs OR old.submitted_at IS NOT NULL AND (new.submitted_at IS DISTINCT FROM old.submitted_at OR new.reference::text IS DISTINCT FROM old.reference::text) OR old.decided_by_id IS NOT NULL AND new.decided_by_id IS NOT NULL AND new.employer_id IS DISTINCT FROM old.employer_id) EXECUTE FUNCTION history_refuse()

-- trigger case_keeps_its_owner on case
CREATE TRIGGER case_keeps_its_owner BEFORE UPDATE OF owner_id ON "case" FOR EACH ROW WHEN (old.owner_id IS DISTINCT FROM new.owner_id) EXECUTE FUNCTION refuse_other_owner('owner_id')

-- trigger conversation_is_kept on conversation
CREATE TRIGGER conversation_is_kept BEFORE UPDATE ON conversation FOR EACH ROW WHEN (old.id IS DISTINCT FROM new.id OR old.public_id::text IS DISTINCT FROM new.public_id::text OR old.subject_id IS DISTINCT FROM new.subject_id OR old.case_id IS DISTINCT FROM new.case_id OR old.opened_at IS DISTINCT FROM new.opened_at) EXECUTE FUNCTION messages_refuse()

-- trigger conversation_is_never_deleted on conversation
CREATE TRIGGER conversation_is_never_deleted BEFORE DELETE OR TRUNCATE ON conversation FOR EACH STATEMENT EXECUTE FUNCTION messages_refuse()

-- trigger conversation_keeps_its_owner on conversation
CREATE TRIGGER conversation_keeps_its_owner BEFORE UPDATE OF owner_id ON conversation FOR EACH ROW WHEN (old.owner_id IS DISTINCT FROM new.owner_id) EXECUTE FUNCTION refuse_other_owner('owner_id')

-- trigger conversation_note_is_kept on conversation_note
CREATE TRIGGER conversation_note_is_kept BEFORE UPDATE ON conversation_note FOR EACH ROW WHEN (old.id IS DISTINCT FROM new.id OR old.conversation_id IS DISTINCT FROM new.conversation_id OR old.account_id IS DISTINCT FROM new.account_id OR old.text IS DISTINCT FROM new.text OR old.written_at IS DISTINCT FROM new.written_at) EXECUTE FUNCTION messages_refuse()

-- trigger conversation_note_is_never_deleted on conversation_note
CREATE TRIGGER conversation_note_is_never_deleted BEFORE DELETE OR TRUNCATE ON conversation_note FOR EACH STATEMENT EXECUTE FUNCTION messages_refuse()

-- trigger decided_for_good on case
CREATE CONSTRAINT TRIGGER decided_for_good AFTER INSERT OR UPDATE OF status ON "case" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.status::text <> ALL (ARRAY['under_review'::text, 'proposed'::text, 'approved'::text, 'carried_out'::text, 'rejected'::text, 'decision_withdrawn'::text])) EXECUTE FUNCTION refuse_undecided()

-- trigger decided_for_good on decision
CREATE CONSTRAINT TRIGGER decided_for_good AFTER INSERT ON decision DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_undecided()

-- trigger decision_is_kept on decision
CREATE TRIGGER decision_is_kept BEFORE DELETE OR TRUNCATE ON decision FOR EACH STATEMENT EXECUTE FUNCTION history_refuse()

-- trigger decision_is_notified_once on decision
CREATE TRIGGER decision_is_notified_once BEFORE UPDATE ON decision FOR EACH ROW WHEN (new.id IS DISTINCT FROM old.id OR new.case_id IS DISTINCT FROM old.case_id OR new.outcome::text IS DISTINCT FROM old.outcome::text OR new.decided_by_id IS DISTINCT FROM old.decided_by_id OR new.decided_at IS DISTINCT FROM old.decided_at OR new.reason IS DISTINCT FROM old.reason OR old.notified_at IS NOT NULL AND (new.notified_at IS DISTINCT FROM old.notified_at OR new.notified_how::text IS DISTINCT FROM old.notified_how::text OR new.appeal_by IS DISTINCT FROM old.appeal_by)) EXECUTE FUNCTION history_refuse()

-- trigger former_number_is_kept on former_number
CREATE TRIGGER former_number_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON former_number FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()

-- trigger four_eyes on case
CREATE CONSTRAINT TRIGGER four_eyes AFTER UPDATE ON "case" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.decided_by_id IS NOT NULL AND (new.decided_by_id IS DISTINCT FROM old.decided_by_id OR new.decided_at IS DISTINCT FROM old.decided_at)) EXECUTE FUNCTION refuse_case_decided()

-- trigger four_eyes_correction on case_correction
CREATE CONSTRAINT TRIGGER four_eyes_correction AFTER INSERT ON case_correction DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_late_preparation()

-- trigger four_eyes_decision on decision
CREATE CONSTRAINT TRIGGER four_eyes_decision AFTER INSERT ON decision DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_decision_kept()

-- trigger four_eyes_judgement on case
CREATE CONSTRAINT TRIGGER four_eyes_judgement AFTER UPDATE OF status, decided_by_id ON "case" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.needs_two_pairs AND new.decided_by_id IS NOT NULL) EXECUTE FUNCTION refuse_own_judgement()

-- trigger four_eyes_on_entry on case
CREATE CONSTRAINT TRIGGER four_eyes_on_entry AFTER INSERT ON "case" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.decided_by_id IS NOT NULL) EXECUTE FUNCTION refuse_case_decided()

-- trigger four_eyes_proposal on case_event
CREATE CONSTRAINT TRIGGER four_eyes_proposal AFTER INSERT ON case_event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.to_status::text = 'proposed'::text OR new.told IS NOT NULL) EXECUTE FUNCTION refuse_late_preparation()

-- trigger letter_is_kept on letter
CREATE TRIGGER letter_is_kept BEFORE UPDATE ON letter FOR EACH ROW WHEN (old.number::text IS DISTINCT FROM new.number::text OR old.case_id IS DISTINCT FROM new.case_id OR old.decision_id IS DISTINCT FROM new.decision_id OR old.recipient::text IS DISTINCT FROM new.recipient::text OR old.recipient_number::text IS DISTINCT FROM new.recipient_number::text OR old.language::text IS DISTINCT FROM new.language::text OR old.subject IS DISTINCT FROM new.subject OR old.body IS DISTINCT FROM new.body OR old.signatory::text IS DISTINCT FROM new.signatory::text OR old.quality::text IS DISTINCT FROM new.quality::text OR old.delegation_id IS DISTINCT FROM new.delegation_id OR old.verification_code::text IS DISTINCT FROM new.verification_code::text OR old.written_at IS DISTINCT FROM new.written_at OR old.notice::text IS DISTINCT FROM new.notice::text OR old.html IS NOT NULL AND new.html IS DISTINCT FROM old.html OR old.pdf_sha256 IS NOT NULL AND new.pdf_sha256::text IS DISTINCT FROM old.pdf_sha256::text OR old.made_at IS NOT NULL AND new.made_at IS DISTINCT FROM old.made_at) EXECUTE FUNCTION letter_refuse()

-- trigger letter_keeps_its_owner on letter
CREATE TRIGGER letter_keeps_its_owner BEFORE UPDATE OF recipient_id ON letter FOR EACH ROW WHEN (old.recipient_id IS DISTINCT FROM new.recipient_id) EXECUTE FUNCTION refuse_other_owner('recipient_id')

-- trigger message_document_is_kept on message_document
CREATE TRIGGER message_document_is_kept BEFORE UPDATE ON message_document FOR EACH ROW WHEN (old.message_id IS DISTINCT FROM new.message_id OR old.document_id IS DISTINCT FROM new.document_id) EXECUTE FUNCTION messages_refuse()

-- trigger message_document_is_never_deleted on message_document
CREATE TRIGGER message_document_is_never_deleted BEFORE DELETE OR TRUNCATE ON message_document FOR EACH STATEMENT EXECUTE FUNCTION messages_refuse()

-- trigger message_is_kept on message
CREATE TRIGGER message_is_kept BEFORE UPDATE ON message FOR EACH ROW WHEN (old.id IS DISTINCT FROM new.id OR old.conversation_id IS DISTINCT FROM new.conversation_id OR old.author_id IS DISTINCT FROM new.author_id OR old.is_staff IS DISTINCT FROM new.is_staff OR old.text IS DISTINCT FROM new.text OR old.submission_key::text IS DISTINCT FROM new.submission_key::text OR old.sent_at IS DISTINCT FROM new.sent_at OR old.read_at IS NOT NULL AND old.read_at IS DISTINCT FROM new.read_at) EXECUTE FUNCTION messages_refuse()

-- trigger message_is_never_deleted on message
CREATE TRIGGER message_is_never_deleted BEFORE DELETE OR TRUNCATE ON message FOR EACH STATEMENT EXECUTE FUNCTION messages_refuse()

-- trigger moved_row_is_kept on moved_row
CREATE TRIGGER moved_row_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON moved_row FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()

-- trigger no_switch on two_pairs_service
CREATE TRIGGER no_switch BEFORE DELETE OR UPDATE OR TRUNCATE ON two_pairs_service FOR EACH STATEMENT EXECUTE FUNCTION refuse_switch()

-- trigger notice_is_kept on notice
CREATE TRIGGER notice_is_kept BEFORE UPDATE ON notice FOR EACH ROW WHEN (old.id IS DISTINCT FROM new.id OR old.public_id::text IS DISTINCT FROM new.public_id::text OR old.name::text IS DISTINCT FROM new.name::text OR old.event::text IS DISTINCT FROM new.event::text OR old.case_id IS DISTINCT FROM new.case_id OR old.subject_fr::text IS DISTINCT FROM new.subject_fr::text OR old.subject_en::text IS DISTINCT FROM new.subject_en::text OR old.told_at IS DISTINCT FROM new.told_at) EXECUTE FUNCTION messages_refuse()

-- trigger notice_is_never_deleted on notice
CREATE TRIGGER notice_is_never_deleted BEFORE DELETE OR TRUNCATE ON notice FOR EACH STATEMENT EXECUTE FUNCTION messages_refuse()

-- trigger notice_keeps_its_owner on notice
CREATE TRIGGER notice_keeps_its_owner BEFORE UPDATE OF account_id ON notice FOR EACH ROW WHEN (old.account_id IS DISTINCT FROM new.account_id) EXECUTE FUNCTION refuse_other_owner('account_id')

-- trigger person_merge_is_kept on person_merge
CREATE TRIGGER person_merge_is_kept BEFORE UPDATE ON person_merge FOR EACH ROW WHEN (old.survivor_id <> new.survivor_id OR old.merged_id <> new.merged_id OR old.reason <> new.reason OR old.proposed_by_id <> new.proposed_by_id OR old.approved_at IS NOT NULL AND (old.approved_by_id IS DISTINCT FROM new.approved_by_id OR old.approved_at IS DISTINCT FROM new.approved_at OR old.survivor_account_id IS DISTINCT FROM new.survivor_account_id OR old.merged_account_id IS DISTINCT FROM new.merged_account_id) OR old.undone_at IS NOT NULL AND (old.undone_at IS DISTINCT FROM new.undone_at OR old.undone_by_id IS DISTINCT FROM new.undone_by_id)) EXECUTE FUNCTION records_refuse()

-- trigger person_merge_is_never_deleted on person_merge
CREATE TRIGGER person_merge_is_never_deleted BEFORE DELETE OR TRUNCATE ON person_merge FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()

-- trigger possible_duplicate_is_judged_once on possible_duplicate
CREATE TRIGGER possible_duplicate_is_judged_once BEFORE UPDATE ON possible_duplicate FOR EACH ROW WHEN (old.judgement IS NOT NULL AND (old.judgement::text IS DISTINCT FROM new.judgement::text OR old.judged_by_id IS DISTINCT FROM new.judged_by_id OR old.reason IS DISTINCT FROM new.reason OR old.case_id IS DISTINCT FROM new.case_id OR old.person_id IS DISTINCT FROM new.person_id)) EXECUTE FUNCTION records_refuse()

-- trigger possible_duplicate_is_never_deleted on possible_duplicate
CREATE TRIGGER possible_duplicate_is_never_deleted BEFORE DELETE OR TRUNCATE ON possible_duplicate FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()

-- trigger receipt_is_kept on receipt
CREATE TRIGGER receipt_is_kept BEFORE UPDATE ON receipt FOR EACH ROW WHEN (new.case_id IS DISTINCT FROM old.case_id OR new.code::text IS DISTINCT FROM old.code::text OR new.sha256::text IS DISTINCT FROM old.sha256::text) EXECUTE FUNCTION receipt_refuse()

-- trigger reference_change_is_kept on reference_change
CREATE TRIGGER reference_change_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON reference_change FOR EACH STATEMENT EXECUTE FUNCTION history_refuse()

-- trigger status_as_decided on case
CREATE CONSTRAINT TRIGGER status_as_decided AFTER INSERT OR UPDATE OF status, decided_by_id, decided_at ON "case" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.status::text = ANY (ARRAY['approved'::text, 'carried_out'::text, 'rejected'::text, 'decision_withdrawn'::text])) EXECUTE FUNCTION refuse_undecided_status()

-- trigger status_as_decided on decision
CREATE CONSTRAINT TRIGGER status_as_decided AFTER INSERT ON decision DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_undecided_status()
