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

-- function letter_refuse()
CREATE OR REPLACE FUNCTION public.letter_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
            RAISE EXCEPTION 'Letter % stays as it was written.', OLD.number
                USING ERRCODE = 'integrity_constraint_violation';
        END $function$

-- function needs_two_pairs(integer,text,timestamp with time zone)
CREATE OR REPLACE FUNCTION public.needs_two_pairs(number integer, slug text, decided timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
    SELECT EXISTS (SELECT FROM two_pairs_service t WHERE t.service = slug)
        OR EXISTS (SELECT FROM decision d WHERE d.case_id = number AND d.decided_at < decided)
        OR EXISTS (SELECT FROM case_event e WHERE e.case_id = number AND e.to_status = 'proposed')
$function$

-- function receipt_refuse()
CREATE OR REPLACE FUNCTION public.receipt_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
            RAISE EXCEPTION 'Receipt % stays as it was issued.', OLD.code
                USING ERRCODE = 'integrity_constraint_violation';
        END $function$

-- function refuse_decision()
CREATE OR REPLACE FUNCTION public.refuse_decision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.decided_by_id IS NULL OR (
        NEW.decided_by_id IS NOT DISTINCT FROM OLD.decided_by_id AND NEW.decided_at IS NOT DISTINCT FROM OLD.decided_at
    ) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM declared_interest i WHERE i.account_id = NEW.decided_by_id
        AND (i.relative_id = NEW.owner_id OR i.employer_id = NEW.employer_id)
    ) THEN
        RAISE EXCEPTION 'account % has a declared interest in case %', NEW.decided_by_id, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_interest';
    END IF;
    IF EXISTS (
        SELECT FROM case_event e WHERE e.case_id = NEW.id AND e.to_status = 'proposed' AND e.account_id = NEW.decided_by_id
        UNION ALL SELECT FROM case_correction c
        WHERE c.case_id = NEW.id AND c.account_id = NEW.decided_by_id AND needs_two_pairs(NEW.id, NEW.service, NEW.decided_at)
    ) THEN
        RAISE EXCEPTION 'account % prepared case %', NEW.decided_by_id, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_preparer';
    END IF;
    IF needs_two_pairs(NEW.id, NEW.service, NEW.decided_at) AND NOT EXISTS (
        SELECT FROM case_event e WHERE e.case_id = NEW.id AND e.to_status = 'proposed' AND e.account_id <> NEW.decided_by_id
    ) THEN
        RAISE EXCEPTION 'nobody proposed the decision of case %', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_proposal';
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

-- function refuse_switch()
CREATE OR REPLACE FUNCTION public.refuse_switch()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'a service with two pairs of eyes keeps them' USING ERRCODE = 'check_violation';
END $function$

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

-- trigger four_eyes on case
CREATE CONSTRAINT TRIGGER four_eyes AFTER INSERT OR UPDATE ON "case" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_decision()

-- trigger four_eyes_correction on case_correction
CREATE CONSTRAINT TRIGGER four_eyes_correction AFTER INSERT ON case_correction DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_late_preparation()

-- trigger four_eyes_proposal on case_event
CREATE CONSTRAINT TRIGGER four_eyes_proposal AFTER INSERT ON case_event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.to_status::text = 'proposed'::text) EXECUTE FUNCTION refuse_late_preparation()

-- trigger letter_is_kept on letter
CREATE TRIGGER letter_is_kept BEFORE UPDATE ON letter FOR EACH ROW WHEN (new.number::text IS DISTINCT FROM old.number::text OR new.case_id IS DISTINCT FROM old.case_id OR new.decision_id IS DISTINCT FROM old.decision_id OR new.recipient_id IS DISTINCT FROM old.recipient_id OR new.recipient::text IS DISTINCT FROM old.recipient::text OR new.recipient_number::text IS DISTINCT FROM old.recipient_number::text OR new.language::text IS DISTINCT FROM old.language::text OR new.subject IS DISTINCT FROM old.subject OR new.body IS DISTINCT FROM old.body OR new.signatory::text IS DISTINCT FROM old.signatory::text OR new.quality::text IS DISTINCT FROM old.quality::text OR new.delegation_id IS DISTINCT FROM old.delegation_id OR new.verification_code::text IS DISTINCT FROM old.verification_code::text OR new.written_at IS DISTINCT FROM old.written_at OR new.notice::text IS DISTINCT FROM old.notice::text OR old.html IS NOT NULL AND new.html IS DISTINCT FROM old.html OR old.pdf_sha256 IS NOT NULL AND new.pdf_sha256::text IS DISTINCT FROM old.pdf_sha256::text OR old.made_at IS NOT NULL AND new.made_at IS DISTINCT FROM old.made_at) EXECUTE FUNCTION letter_refuse()

-- trigger no_switch on two_pairs_service
CREATE TRIGGER no_switch BEFORE DELETE OR UPDATE OR TRUNCATE ON two_pairs_service FOR EACH STATEMENT EXECUTE FUNCTION refuse_switch()

-- trigger receipt_is_kept on receipt
CREATE TRIGGER receipt_is_kept BEFORE UPDATE ON receipt FOR EACH ROW WHEN (new.case_id IS DISTINCT FROM old.case_id OR new.code::text IS DISTINCT FROM old.code::text OR new.sha256::text IS DISTINCT FROM old.sha256::text) EXECUTE FUNCTION receipt_refuse()
