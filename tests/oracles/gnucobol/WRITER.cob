      * Writes records to records.bin and their values to standard output.
      * Its argument: FIXED, EBCDIC (the same, display items in 037), NATIVE or TABLES.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. WRITER.
       DATA DIVISION.
       WORKING-STORAGE SECTION.
       COPY "FIXED.cpy".
       COPY "NATIVE.cpy".
       COPY "TABLES.cpy".
       01  WS-MODE             PIC X(20).
       01  WS-LENGTH           BINARY-LONG.
       01  WS-I                PIC 9(02).
       01  WS-J                PIC 9(02).
       01  WS-SHOWN            PIC -(14)9.9(06).
       01  WS-INDEX            PIC 9.
       01  WS-VALUE            PIC S9(13)V9(05).
       PROCEDURE DIVISION.
       MAIN.
           ACCEPT WS-MODE FROM COMMAND-LINE.
           CALL "BYTEOPEN" USING "W".
           PERFORM VARYING WS-J FROM 1 BY 1 UNTIL WS-J > 7
               EVALUATE WS-J
                   WHEN 1 MOVE 12345.67 TO WS-VALUE
                   WHEN 2 MOVE -98765.43 TO WS-VALUE
                   WHEN 3 MOVE 0 TO WS-VALUE
                   WHEN 4 MOVE -0.01 TO WS-VALUE
                   WHEN 5 MOVE 9999999999999.99999 TO WS-VALUE
                   WHEN 6 MOVE -9999999999999.99999 TO WS-VALUE
                   WHEN 7 MOVE -1 TO WS-VALUE
               END-EVALUATE
               EVALUATE WS-MODE
                   WHEN "NATIVE" PERFORM WRITE-NATIVE
                   WHEN "TABLES" PERFORM WRITE-TABLES
                   WHEN OTHER PERFORM WRITE-FIXED
               END-EVALUATE
           END-PERFORM.
           CALL "BYTECLOSE".
           STOP RUN.
       WRITE-FIXED.
           INITIALIZE FIXED-REC.
           MOVE LOW-VALUES TO FIXED-REC.
           INITIALIZE FIXED-REC.
           MOVE "Muller +Co" TO A-TEXT.
           MOVE "right" TO A-RIGHT.
           MOVE WS-VALUE TO Z-UNSIGNED.
           MOVE WS-VALUE TO Z-TRAILING.
           MOVE WS-VALUE TO Z-LEADING.
           MOVE WS-VALUE TO Z-TRAILING-SEP.
           MOVE WS-VALUE TO Z-LEADING-SEP.
           MOVE WS-VALUE TO Z-LONG.
           MOVE WS-VALUE TO Z-SCALED.
           MOVE WS-VALUE TO Z-SMALL.
           MOVE WS-VALUE TO Z-BLANK.
           MOVE WS-VALUE TO P-ODD.
           MOVE WS-VALUE TO P-EVEN.
           MOVE WS-VALUE TO P-UNSIGNED.
           MOVE WS-VALUE TO P-LONG.
           MOVE WS-VALUE TO B-HALF.
           MOVE WS-VALUE TO B-FULL.
           MOVE WS-VALUE TO B-DOUBLE.
           MOVE WS-VALUE TO B-UNSIGNED.
           MOVE WS-VALUE TO S-HALF.
           MOVE WS-VALUE TO S-FULL.
           MOVE WS-VALUE TO E-SIGN.
           MOVE WS-VALUE TO E-STARS.
           MOVE 2026 TO A-YEAR.
           MOVE WS-J TO A-MONTH.
           MOVE 31 TO A-DAY.
           MOVE "?" TO A-BYTE.
           PERFORM VARYING WS-I FROM 1 BY 1 UNTIL WS-I > 3
               MOVE WS-I TO T-TEXT (WS-I) (1:1)
               MOVE "x" TO T-TEXT (WS-I) (2:1)
               COMPUTE T-NUMBER (WS-I) = 0 - WS-I * 1.5 * WS-J
           END-PERFORM.
           PERFORM SHOW-FIXED.
           IF WS-MODE = "EBCDIC" PERFORM CONVERT-FIXED.
           MOVE LENGTH OF FIXED-REC TO WS-LENGTH.
           CALL "BYTEPUT" USING FIXED-REC BY VALUE WS-LENGTH.
       CONVERT-FIXED.
           CALL "TOEBCDIC" USING A-TEXT BY VALUE 10.
           CALL "TOEBCDIC" USING A-RIGHT BY VALUE 8.
           CALL "TOEBCDIC" USING Z-UNSIGNED BY VALUE 5.
           CALL "TOEBCDIC" USING Z-TRAILING BY VALUE 7.
           CALL "TOEBCDIC" USING Z-LEADING BY VALUE 7.
           CALL "TOEBCDIC" USING Z-TRAILING-SEP BY VALUE 8.
           CALL "TOEBCDIC" USING Z-LEADING-SEP BY VALUE 8.
           CALL "TOEBCDIC" USING Z-LONG BY VALUE 18.
           CALL "TOEBCDIC" USING Z-SCALED BY VALUE 3.
           CALL "TOEBCDIC" USING Z-SMALL BY VALUE 4.
           CALL "TOEBCDIC" USING Z-BLANK BY VALUE 4.
           CALL "TOEBCDIC" USING E-SIGN BY VALUE 10.
           CALL "TOEBCDIC" USING E-STARS BY VALUE 10.
           CALL "TOEBCDIC" USING A-DATE BY VALUE 8.
           CALL "TOEBCDIC" USING A-BYTE BY VALUE 1.
           PERFORM VARYING WS-I FROM 1 BY 1 UNTIL WS-I > 3
               CALL "TOEBCDIC" USING T-TEXT (WS-I) BY VALUE 2
           END-PERFORM.
       WRITE-NATIVE.
           MOVE WS-VALUE TO N-HALF.
           MOVE WS-VALUE TO N-FULL.
           MOVE WS-VALUE TO N-DOUBLE.
           MOVE WS-VALUE TO N-UNSIGNED.
           COMPUTE N-SHORT-FLOAT = WS-J * 0.25 - 1.
           COMPUTE N-LONG-FLOAT = 1000.125 - WS-J * 300.5.
           PERFORM SHOW-NATIVE.
           MOVE LENGTH OF NATIVE-REC TO WS-LENGTH.
           CALL "BYTEPUT" USING NATIVE-REC BY VALUE WS-LENGTH.
       WRITE-TABLES.
           COMPUTE N-1 = FUNCTION MOD (WS-J * 3, 6).
           COMPUTE N-2 = WS-J - 1.
           PERFORM VARYING WS-I FROM 1 BY 1 UNTIL WS-I > N-1
               MOVE "ab" TO T-1-TEXT (WS-I)
               COMPUTE T-1-NUMBER (WS-I) = WS-I * 100 - WS-J
           END-PERFORM.
           MOVE "gap" TO BETWEEN.
           PERFORM VARYING WS-I FROM 1 BY 1 UNTIL WS-I > N-2
               COMPUTE T-2 (WS-I) = WS-J * 10.1 - WS-I * 30
           END-PERFORM.
           COMPUTE BEHIND = 0 - WS-J.
           PERFORM SHOW-TABLES.
           MOVE FUNCTION LENGTH (TABLES-REC) TO WS-LENGTH.
           CALL "BYTEPUT" USING TABLES-REC BY VALUE WS-LENGTH.
       SHOW-FIXED.
           MOVE A-YEAR TO WS-SHOWN.
           DISPLAY "A-YEAR=" WS-SHOWN.
           MOVE A-MONTH TO WS-SHOWN.
           DISPLAY "A-MONTH=" WS-SHOWN.
           MOVE A-DAY TO WS-SHOWN.
           DISPLAY "A-DAY=" WS-SHOWN.
           DISPLAY "A-TEXT=" A-TEXT.
           DISPLAY "A-RIGHT=" A-RIGHT.
           DISPLAY "E-SIGN=" E-SIGN.
           DISPLAY "E-STARS=" E-STARS.
           DISPLAY "A-DATE=" A-DATE.
           DISPLAY "A-BYTE=" A-BYTE.
           MOVE Z-UNSIGNED TO WS-SHOWN.
           DISPLAY "Z-UNSIGNED=" WS-SHOWN.
           MOVE Z-TRAILING TO WS-SHOWN.
           DISPLAY "Z-TRAILING=" WS-SHOWN.
           MOVE Z-LEADING TO WS-SHOWN.
           DISPLAY "Z-LEADING=" WS-SHOWN.
           MOVE Z-TRAILING-SEP TO WS-SHOWN.
           DISPLAY "Z-TRAILING-SEP=" WS-SHOWN.
           MOVE Z-LEADING-SEP TO WS-SHOWN.
           DISPLAY "Z-LEADING-SEP=" WS-SHOWN.
           MOVE Z-LONG TO WS-SHOWN.
           DISPLAY "Z-LONG=" WS-SHOWN.
           MOVE Z-SCALED TO WS-SHOWN.
           DISPLAY "Z-SCALED=" WS-SHOWN.
           MOVE Z-SMALL TO WS-SHOWN.
           DISPLAY "Z-SMALL=" WS-SHOWN.
           MOVE Z-BLANK TO WS-SHOWN.
           DISPLAY "Z-BLANK=" WS-SHOWN.
           MOVE P-ODD TO WS-SHOWN.
           DISPLAY "P-ODD=" WS-SHOWN.
           MOVE P-EVEN TO WS-SHOWN.
           DISPLAY "P-EVEN=" WS-SHOWN.
           MOVE P-UNSIGNED TO WS-SHOWN.
           DISPLAY "P-UNSIGNED=" WS-SHOWN.
           MOVE P-LONG TO WS-SHOWN.
           DISPLAY "P-LONG=" WS-SHOWN.
           MOVE B-HALF TO WS-SHOWN.
           DISPLAY "B-HALF=" WS-SHOWN.
           MOVE B-FULL TO WS-SHOWN.
           DISPLAY "B-FULL=" WS-SHOWN.
           MOVE B-DOUBLE TO WS-SHOWN.
           DISPLAY "B-DOUBLE=" WS-SHOWN.
           MOVE B-UNSIGNED TO WS-SHOWN.
           DISPLAY "B-UNSIGNED=" WS-SHOWN.
           MOVE S-HALF TO WS-SHOWN.
           DISPLAY "S-HALF=" WS-SHOWN.
           MOVE S-FULL TO WS-SHOWN.
           DISPLAY "S-FULL=" WS-SHOWN.
           PERFORM VARYING WS-I FROM 1 BY 1 UNTIL WS-I > 3
               MOVE WS-I TO WS-INDEX
               DISPLAY "T-TEXT(" WS-INDEX ")=" T-TEXT (WS-I)
               MOVE T-NUMBER (WS-I) TO WS-SHOWN
               DISPLAY "T-NUMBER(" WS-INDEX ")=" WS-SHOWN
           END-PERFORM.
           DISPLAY "---".
       SHOW-NATIVE.
           MOVE N-HALF TO WS-SHOWN.
           DISPLAY "N-HALF=" WS-SHOWN.
           MOVE N-FULL TO WS-SHOWN.
           DISPLAY "N-FULL=" WS-SHOWN.
           MOVE N-DOUBLE TO WS-SHOWN.
           DISPLAY "N-DOUBLE=" WS-SHOWN.
           MOVE N-UNSIGNED TO WS-SHOWN.
           DISPLAY "N-UNSIGNED=" WS-SHOWN.
           MOVE N-SHORT-FLOAT TO WS-SHOWN.
           DISPLAY "N-SHORT-FLOAT=" WS-SHOWN.
           MOVE N-LONG-FLOAT TO WS-SHOWN.
           DISPLAY "N-LONG-FLOAT=" WS-SHOWN.
           DISPLAY "---".
       SHOW-TABLES.
           MOVE N-1 TO WS-SHOWN.
           DISPLAY "N-1=" WS-SHOWN.
           MOVE N-2 TO WS-SHOWN.
           DISPLAY "N-2=" WS-SHOWN.
           PERFORM VARYING WS-I FROM 1 BY 1 UNTIL WS-I > N-1
               MOVE WS-I TO WS-INDEX
               DISPLAY "T-1-TEXT(" WS-INDEX ")=" T-1-TEXT (WS-I)
               MOVE T-1-NUMBER (WS-I) TO WS-SHOWN
               DISPLAY "T-1-NUMBER(" WS-INDEX ")=" WS-SHOWN
           END-PERFORM.
           DISPLAY "BETWEEN=" BETWEEN.
           PERFORM VARYING WS-I FROM 1 BY 1 UNTIL WS-I > N-2
               MOVE WS-I TO WS-INDEX
               MOVE T-2 (WS-I) TO WS-SHOWN
               DISPLAY "T-2(" WS-INDEX ")=" WS-SHOWN
           END-PERFORM.
           MOVE BEHIND TO WS-SHOWN.
           DISPLAY "BEHIND=" WS-SHOWN.
           DISPLAY "---".
