      * With W as its argument: reads lines of columns and writes each as a record of the core's own copybook, as long as
      * its counter says. With R: reads records, a line each, and writes the fields with a bar before each, the status by
      * the name of its level 88. Letters and digits are ASCII here; the code page is the caller's matter.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. RECORDS.
       ENVIRONMENT DIVISION.
       INPUT-OUTPUT SECTION.
       FILE-CONTROL.
           SELECT LINES-IN ASSIGN TO KEYBOARD
               ORGANIZATION LINE SEQUENTIAL FILE STATUS IN-STATUS.
       DATA DIVISION.
       FILE SECTION.
       FD  LINES-IN.
       01  LINE-IN.
           05  IN-TXN-ID             PIC X(16).
           05  IN-STATUS-CODE        PIC X(02).
           05  IN-TIMESTAMP          PIC X(26).
           05  IN-COUNT              PIC 9(01).
           05  IN-MSG                PIC X(60) OCCURS 3 TIMES.
       WORKING-STORAGE SECTION.
       01  IN-STATUS                 PIC X(02).
       01  WAY                       PIC X(01).
       01  AT-MSG                    PIC 9(01).
       01  STATUS-NAME               PIC X(10).
           COPY "corereply.cpy".
       PROCEDURE DIVISION.
       MAIN.
           ACCEPT WAY FROM COMMAND-LINE.
           OPEN INPUT LINES-IN.
           PERFORM UNTIL IN-STATUS NOT = "00"
               MOVE SPACES TO LINE-IN
               READ LINES-IN
               IF IN-STATUS = "00"
                   MOVE IN-COUNT TO RPL-MSG-COUNT
                   MOVE LINE-IN TO CORE-REPLY
                   IF WAY = "W"
                       PERFORM WRITE-RECORD
                   ELSE
                       PERFORM SHOW-FIELDS
                   END-IF
               END-IF
           END-PERFORM.
           CLOSE LINES-IN.
           STOP RUN.
       WRITE-RECORD.
           MOVE IN-TXN-ID TO RPL-TXN-ID.
           MOVE IN-STATUS-CODE TO RPL-STATUS.
           MOVE IN-TIMESTAMP TO RPL-BOOK-TIMESTAMP.
           PERFORM VARYING AT-MSG FROM 1 BY 1
               UNTIL AT-MSG > RPL-MSG-COUNT
               MOVE IN-MSG(AT-MSG) TO RPL-MSG(AT-MSG)
           END-PERFORM.
           DISPLAY CORE-REPLY.
       SHOW-FIELDS.
           EVALUATE TRUE
               WHEN RPL-BOOKED      MOVE "BOOKED" TO STATUS-NAME
               WHEN RPL-ACCEPTED    MOVE "ACCEPTED" TO STATUS-NAME
               WHEN RPL-QUEUED      MOVE "QUEUED" TO STATUS-NAME
               WHEN RPL-NO-ACCOUNT  MOVE "NO-ACCOUNT" TO STATUS-NAME
               WHEN RPL-CLOSED      MOVE "CLOSED" TO STATUS-NAME
               WHEN RPL-NO-FUNDS    MOVE "NO-FUNDS" TO STATUS-NAME
               WHEN RPL-BLOCKED     MOVE "BLOCKED" TO STATUS-NAME
               WHEN RPL-SYSTEM      MOVE "SYSTEM" TO STATUS-NAME
               WHEN OTHER           MOVE "?" TO STATUS-NAME
           END-EVALUATE.
           DISPLAY "|" RPL-TXN-ID "|" STATUS-NAME "|"
               RPL-BOOK-TIMESTAMP "|" RPL-MSG-COUNT
               WITH NO ADVANCING.
           PERFORM VARYING AT-MSG FROM 1 BY 1
               UNTIL AT-MSG > RPL-MSG-COUNT
               DISPLAY "|" RPL-MSG(AT-MSG) WITH NO ADVANCING
           END-PERFORM.
           DISPLAY "|".
